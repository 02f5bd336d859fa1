/* Runs the browser's judgement on frames that a test drew. In: a JSON file [[{rgba: file, w, h, detail: file or null, side}]], one
   list of frames a case; out: the answers, likewise. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , modules, cases] = process.argv;
const { judge } = await import(pathToFileURL(`${modules}/live-judge.js`));
const { sharpness } = await import(pathToFileURL(`${modules}/live-quality.js`));
const { planes } = await import(pathToFileURL(`${modules}/live-outline.js`));
const pixels = file => new Uint8ClampedArray(readFileSync(file));

const answers = JSON.parse(readFileSync(cases)).map(frames => {
  const judging = judge();
  return frames.map(one => {
    const detail = one.detail && { rgba: pixels(one.detail), w: one.side, h: one.side };
    if (one.mark) judging.mark();
    const found = judging.look({ rgba: pixels(one.rgba), w: one.w, h: one.h }, detail);
    return { ...found, alone: detail && sharpness(planes(detail.rgba, one.side, one.side).light, one.side, one.side) };
  });
});
process.stdout.write(JSON.stringify(answers, (_, value) => value === Infinity ? 1e9 : value));
