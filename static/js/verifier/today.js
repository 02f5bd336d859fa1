/* Today's counts by outcome, and nothing about persons: {day, green, amber, red, mismatch, number}. A new day (Taipei) begins at nought;
   yesterday's are gone. Owns data-count with data-words, data-nth. */
import { dayOf } from "./days.js";
import { fill, find, say } from "./screen.js";

const NONE = { green: 0, amber: 0, red: 0, mismatch: 0, number: 0 };

export function today(store, now) {
  const of = kept => kept && kept.day === dayOf(now()) ? kept : { day: dayOf(now()), ...NONE };

  function drawn(counts) {
    for (const one of document.querySelectorAll("[data-count]")) {
      const n = counts[one.dataset.count];
      one.querySelector("span").textContent = fill(one.dataset.words, { n });
      if (one.dataset.count === "mismatch" || one.dataset.count === "number") one.hidden = !n;
    }
    const all = counts.green + counts.amber + counts.red, nth = find("[data-nth]");
    nth.hidden = !all;
    nth.textContent = say("nth", { n: all });
    return counts;
  }

  return {
    add: async what => drawn(await store.change("counts", kept => { const counts = of(kept); return { ...counts, [what]: counts[what] + 1 }; })),
    /* Draws them; on a new day the old ones are thrown away. */
    draw: async () => drawn(await store.change("counts", of)),
  };
}
