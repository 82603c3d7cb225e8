"use strict";
(() => {
  const controls = [...document.querySelectorAll("details.control")];
  const search = document.getElementById("search");
  const verdict = document.getElementById("verdict");
  const count = document.getElementById("count");
  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  // Of a control whose findings fit, only those are shown; of one that fits by itself, all are.
  const narrow = (control, words) => {
    const findings = [...control.querySelectorAll("article")];
    const fits = (element) => words.every((word) => text(element).includes(word));
    const all = fits(control.firstElementChild) || !findings.some(fits);
    for (const one of findings) one.hidden = !all && !fits(one);
  };
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of controls) {
      const fits =
        (verdict.value === "" || one.dataset.verdict === verdict.value) &&
        words.every((word) => text(one).includes(word));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
      if (fits) narrow(one, words);
    }
    count.textContent = `${shown} of ${controls.length} controls shown`;
  };
  search.addEventListener("input", apply);
  verdict.addEventListener("change", apply);
  document.getElementById("reset").addEventListener("click", () => {
    search.value = "";
    verdict.value = "";
    apply();
    search.focus();
  });
  document.getElementById("open").addEventListener("click", () => {
    const all = controls.filter((one) => !one.hidden);
    const open = all.some((one) => !one.open);
    for (const one of all) one.open = open;
  });
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const control = target && target.closest("details.control");
    if (!control) return;
    control.hidden = false;
    control.open = true;
    target.hidden = false;
    // What comes into sight on the way there takes its real height only then.
    const reveal = (times) => {
      target.scrollIntoView();
      if (times > 0) requestAnimationFrame(() => reveal(times - 1));
    };
    reveal(3);
    (target === control ? control.firstElementChild : target).focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = controls.filter((one) => !one.open && !one.hidden);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
  count.textContent = `${controls.length} of ${controls.length} controls shown`;
  follow();
})();
