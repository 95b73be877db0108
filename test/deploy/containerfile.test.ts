/** The container file: by a linter, what it copies is there, and its images are pinned as those of the other files. */
import { existsSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { compose, containers, IMAGE, textOf } from './files.js';

const TEXT = textOf('deploy/Containerfile');
const file = DockerfileParser.parse(TEXT);
const words = (instruction: { getArguments(): { getValue(): string }[] }): string[] =>
  instruction.getArguments().map((argument) => argument.getValue());

describe('the container file', () => {
  it('is one', () => {
    expect(validate(TEXT)).toEqual([]);
    expect(validate(TEXT.replace('WORKDIR', 'WORKDIRS'))).not.toEqual([]);
    expect(validate(TEXT.replace('["clrscope"]', "['clrscope']"))).not.toEqual([]);
  });

  it('copies what is there, and links the program that the package has', () => {
    const copied = file.getCOPYs().filter((copy) => copy.getFromFlag() === null);
    for (const copy of copied)
      for (const path of words(copy).slice(0, -1)) expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    const { bin } = JSON.parse(textOf('package.json'));
    expect(TEXT).toContain(`"/app/${bin.clrscope}", "/usr/local/bin/clrscope"`);
    const stages = file.getFROMs().map((from) => from.getBuildStage());
    for (const from of file.getCOPYs().map((copy) => copy.getFromFlag()?.getValue()))
      if (from !== undefined) expect(stages).toContain(from);
  });

  it('runs as somebody who is not root, without a shell', () => {
    const users = file.getInstructions().filter((instruction) => instruction.getKeyword() === 'USER');
    expect(words(users.at(-1)!)).toEqual(['1000:1000']);
    for (const instruction of file.getInstructions())
      if (/^(?:RUN|CMD|ENTRYPOINT)$/.test(instruction.getKeyword()))
        expect(instruction.getArgumentsContent()).toMatch(/^\["/);
  });

  it('takes images of one version, as the other files do', () => {
    const bases = file.getFROMs().map((from) => from.getImage());
    const services = Object.values(compose.services).map(({ image }) => image);
    const images = [...bases, ...services, ...containers.map(({ image }) => image)];
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+(?:-alpine[\d.]*)?$/);
    // the same ones everywhere
    expect(new Set(bases).size).toBe(1);
    expect(new Set(containers.map(({ image }) => image))).toEqual(new Set(services));
    expect(services).toContain(IMAGE);
  });
});
