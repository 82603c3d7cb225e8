"use strict";
(() => {
  const controls = [...document.querySelectorAll("details.control")];
  const search = document.getElementById("search");
  const verdict = document.getElementById("verdict");
  const count = document.getElementById("count");
  const texts = new Map(controls.map((one) => [one, one.textContent.toLowerCase()]));
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of controls) {
      const fits =
        (verdict.value === "" || one.dataset.verdict === verdict.value) &&
        words.every((word) => texts.get(one).includes(word));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
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
    target.scrollIntoView();
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
  apply();
  follow();
})();
