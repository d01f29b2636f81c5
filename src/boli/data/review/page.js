// Keeps verdicts in this browser while they are made, and saves them as a file. Nothing is sent anywhere.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const key = "boli-review " + page.id;
  const rows = [...document.querySelectorAll("article")];
  const reader = [...document.querySelectorAll("[data-reader]")];

  const verdictOf = (row) => {
    const chosen = row.querySelector("input[type=radio]:checked");
    return {
      id: row.dataset.id, hash: row.dataset.hash, verdict: chosen ? chosen.value : "",
      better: row.querySelector("[data-better]").value.trim(), note: row.querySelector("[data-note]").value.trim(),
    };
  };
  const judged = () => rows.map(verdictOf).filter((verdict) => verdict.verdict);
  const about = () => Object.fromEntries(reader.map((field) => [field.dataset.reader, field.value.trim()]));

  const show = () => {
    rows.forEach((row) => row.classList.toggle("judged", Boolean(verdictOf(row).verdict)));
    document.getElementById("count").textContent = judged().length + " / " + rows.length;
  };
  const keep = () => {
    show();
    try { localStorage.setItem(key, JSON.stringify({ about: about(), verdicts: judged() })); } catch { /* no storage */ }
  };
  const restore = () => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* no storage */ }
    if (!kept) return;
    reader.forEach((field) => { field.value = kept.about[field.dataset.reader] || field.value; });
    const byId = Object.fromEntries(kept.verdicts.map((verdict) => [verdict.id, verdict]));
    rows.forEach((row) => {
      const verdict = byId[row.dataset.id];
      if (!verdict || verdict.hash !== row.dataset.hash) return;
      row.querySelector('input[value="' + verdict.verdict + '"]').checked = true;
      row.querySelector("[data-better]").value = verdict.better;
      row.querySelector("[data-note]").value = verdict.note;
    });
  };

  const download = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const asJson = () => {
    const head = { boli_review: 1, page: page.id, ...about() };
    return "[\n" + [head, ...judged()].map((row) => JSON.stringify(row)).join(",\n") + "\n]\n";
  };
  const asCsv = () => {
    const cell = (text) => '"' + String(text).replaceAll('"', '""') + '"';
    const who = about();
    const names = ["id", "hash", "verdict", "better", "note", "name", "dialect", "date"];
    const lines = judged().map((row) => names.map((name) => cell(row[name] ?? who[name])).join(","));
    return "\ufeff" + [names.join(","), ...lines].join("\r\n") + "\r\n";
  };

  document.addEventListener("input", (event) => {
    const row = event.target.closest("article");
    if (row && event.target.matches("[data-better]") && event.target.value.trim()) {
      row.querySelector('input[value="better"]').checked = true;
    }
    keep();
  });
  document.getElementById("json").addEventListener("click", () => download("verdicts.json", "application/json", asJson()));
  document.getElementById("csv").addEventListener("click", () => download("verdicts.csv", "text/csv", asCsv()));
  const date = document.querySelector("[data-reader=date]");
  const now = new Date();
  date.value = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  restore();
  show();
})();
