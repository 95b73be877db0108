/** Colours and layout of the audit's page, for light and dark screens and for paper. */
import { SEVERITIES } from '../../analysis/audit/index.js';

const hide = SEVERITIES.map((s) => `body:has(#show-${s}:not(:checked)) :is(.card,.group).${s}{display:none}`).join(
  '\n',
);
const fills = SEVERITIES.map(
  (s) =>
    `.s-${s}{fill:var(--${s});background:var(--${s})}.s-${s}-tile{--accent:var(--${s})}:is(.card,.group).${s}{--accent:var(--${s})}`,
).join('\n');

export const PAGE_STYLE = `
:root{color-scheme:light dark;
--page:#f6f7f9;--panel:#fff;--ink:#1c2530;--soft:#5b6775;--line:#d8dee6;--node:#eef2f7;--host:#e3ebf5;
--critical:#a5123c;--high:#cf4412;--medium:#a87900;--low:#3c7a52;--info:#51698c;
--l-none:#c22f2f;--l-packet:#a87900;--l-integrity:#2168b0;--l-privacy:#23804f;--l-unknown:#7c8794;--on:#fff}
@media (prefers-color-scheme:dark){:root{
--page:#12171e;--panel:#1a212b;--ink:#e3e9f0;--soft:#9aa7b6;--line:#323d4b;--node:#242e3b;--host:#2a3a50;
--critical:#ff6b8e;--high:#ff8f5c;--medium:#e3b341;--low:#6fc38d;--info:#8fb0dc;
--l-none:#ff7b72;--l-packet:#e3b341;--l-integrity:#79b8ff;--l-privacy:#5fd08c;--l-unknown:#8b98a8;--on:#12171e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{margin:0;font-size:26px;overflow-wrap:anywhere}h2{margin:0 0 12px;font-size:18px}h3{margin:20px 0 6px;font-size:15px}
.sub,figcaption,.times{color:var(--soft)}.sub{margin:4px 0 16px}
figure,section{margin:20px 0;padding:18px 20px;background:var(--panel);border:1px solid var(--line);border-radius:10px}
svg{display:block;width:100%;height:auto;font:13px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
svg text{fill:var(--ink)}svg .caption,svg .tick{fill:var(--soft);font-size:12px}svg .small{fill:var(--soft);font-size:12.5px}svg .strong{font-weight:600}svg .warn{fill:var(--high)}
.node{fill:var(--node);stroke:var(--line)}.node.host{fill:var(--host)}.grid{stroke:var(--line)}
.edge{fill:none;stroke:var(--c)}.arrow{fill:var(--c)}
.l-none{--c:var(--l-none)}.l-packet{--c:var(--l-packet)}.l-integrity{--c:var(--l-integrity)}.l-privacy{--c:var(--l-privacy)}.l-unknown{--c:var(--l-unknown)}
.edge.l-none{stroke-dasharray:7 5}.edge.l-packet{stroke-dasharray:14 4}
svg .l-none-text{fill:var(--l-none)}svg .l-packet-text{fill:var(--l-packet)}svg .l-integrity-text{fill:var(--l-integrity)}svg .l-privacy-text{fill:var(--l-privacy)}svg .l-unknown-text{fill:var(--l-unknown)}
${fills}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin-top:8px}.key{display:inline-block;width:22px;height:4px;margin-right:8px;vertical-align:middle;background:var(--c);border-radius:2px}
.tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:10px}
.tile{display:flex;flex-direction:column;padding:12px 14px;background:var(--panel);border:1px solid var(--line);border-top:4px solid var(--accent);border-radius:8px;cursor:pointer}
.tile b{font-size:26px;line-height:1.1;color:var(--accent)}.tile span{color:var(--soft)}.tile input{position:absolute;opacity:0}
.tile:has(input:not(:checked)){opacity:.45}.tile:has(input:focus-visible){outline:2px solid var(--accent)}
.note{margin:12px 0 0;padding:10px 14px;border-left:4px solid var(--medium);background:var(--panel)}
.note.partial{border-left-color:var(--critical)}.note p{margin:2px 0}.note ul{margin:4px 0 0;padding-left:20px}.note li{overflow-wrap:anywhere}
.captures{margin:0 0 16px}.captures summary{cursor:pointer;color:var(--soft)}.captures ol{max-height:300px;overflow:auto;margin:6px 0;font-size:13.5px}.captures li{overflow-wrap:anywhere}
.picture{overflow-x:auto}.picture svg{min-width:860px}.empty{margin:0;color:var(--soft)}
#tools:not([hidden]){display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-bottom:12px}
#tools input,#tools button{padding:7px 12px;border:1px solid var(--line);border-radius:8px;background:var(--page);color:var(--ink);font:inherit}#tools input{flex:1 1 240px;min-width:0}#tools button{cursor:pointer}#hits{flex-basis:100%;color:var(--soft);font-size:13.5px}#hits:empty{display:none}
[hidden]{display:none!important}
.group{margin:10px 0;padding:12px 16px;border:1px solid var(--line);border-left:5px solid var(--accent);border-radius:8px;background:var(--page)}.group>summary{cursor:pointer}.group>p{margin:8px 0}.group .card{background:var(--panel)}.group .card>p{display:none}
.peers{display:block;margin-top:4px;color:var(--soft);font-size:13.5px;overflow-wrap:anywhere}
.card{margin:10px 0;padding:12px 16px;border:1px solid var(--line);border-left:5px solid var(--accent);border-radius:8px}
.card summary{cursor:pointer;list-style-position:inside}.card p{margin:8px 0}
.badge{display:inline-block;padding:1px 8px;border-radius:10px;color:var(--on);font-size:12px;font-weight:600;text-transform:uppercase}
.id{font-family:ui-monospace,"DejaVu Sans Mono",monospace;color:var(--soft)}
.evidence{display:block;margin:6px 0 2px;font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 16px;margin:10px 0 0;font-size:13.5px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13.5px}th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word;min-width:90px;max-width:420px}th{white-space:nowrap;color:var(--soft);font-weight:600}
${hide}
@media (max-width:640px){body{padding:12px}figure,section{padding:14px 12px}.tiles{grid-template-columns:repeat(3,1fr)}dl{grid-template-columns:1fr}dd{margin-bottom:6px}.card,.group{padding:10px}}
@media print{.picture svg{min-width:0}#tools{display:none!important}body{max-width:none}.card,figure{break-inside:avoid}}
`;
