/** What shells are told: each asks the program itself for what may stand at a place (candidates.ts). */

/**
 * Shells' scripts by their names.
 * @param program what to run where there is no `clrscope` among the shell's commands, as a word of a shell
 */
export const SCRIPTS: Readonly<Record<string, (program: string) => string>> = {
  // words are put together again that bash cuts at `=`; `-o default` completes file names where nothing else is there
  bash: (program) => `# completion of clrscope for bash:  source <(clrscope completion bash)
_clrscope_run() {
  if command -v clrscope > /dev/null; then command clrscope "$@"; else ${program} "$@"; fi
}
_clrscope() {
  local words=() n=0 i cur value about files=
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if ((n > 0)) && [[ \${COMP_WORDS[i]} == = || ( \${COMP_WORDS[i-1]} == = && -n \${COMP_WORDS[i]} ) ]]; then
      words[n-1]+=\${COMP_WORDS[i]}
    else
      words[n]=\${COMP_WORDS[i]}
      n=$((n + 1))
    fi
  done
  cur=\${words[n-1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
      ':files') files=y ;;
      *) COMPREPLY[\${#COMPREPLY[@]}]=\${value#"\${cur%"\${cur##*=}"}"} ;;
    esac
  done < <(_clrscope_run complete -- "\${words[@]}" 2> /dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
  if [[ -n $files && \${#COMPREPLY[@]} -gt 0 ]]; then
    while IFS= read -r value; do COMPREPLY[\${#COMPREPLY[@]}]=$value; done < <(compgen -f -- "\${cur##*=}")
  fi
}
complete -o default -F _clrscope clrscope
`,
  zsh: (program) => `#compdef clrscope
# completion of clrscope for zsh:  source <(clrscope completion zsh)
_clrscope_run() {
  if (( $+commands[clrscope] )); then command clrscope "$@"; else ${program} "$@"; fi
}
_clrscope() {
  local -a values texts open
  local value about files= cur=\${(Q)words[CURRENT]}
  while IFS=$'\\t' read -r value about; do
    if [[ $value == :files ]]; then files=y; continue; fi
    if [[ $value == *= ]]; then open=(-S ""); fi
    values+=("$value")
    texts+=("$value\${about:+  -- $about}")
  done < <(_clrscope_run complete -- "\${(Q)words[@]:1:$((CURRENT - 1))}" 2> /dev/null)
  if (( $#values )); then compadd "\${open[@]}" -l -d texts -a values; fi
  if [[ -n $files ]]; then
    if [[ $cur == -*=* ]]; then compset -P '*='; fi
    _files
  fi
}
if (( $+functions[compdef] )); then compdef _clrscope clrscope; fi
`,
  fish: (program) => `# completion of clrscope for fish:  clrscope completion fish | source
function __clrscope_run
  if command -q clrscope
    command clrscope $argv
  else
    ${program} $argv
  end
end
function __clrscope
  set -l words (commandline -opc) (commandline -ct)
  set -e words[1]
  for line in (__clrscope_run complete -- $words 2> /dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      printf '%s\\n' $line
    end
  end
end
complete -c clrscope -f -a '(__clrscope)'
`,
};
