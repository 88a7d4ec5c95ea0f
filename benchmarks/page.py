"""Measure the classroom page in a browser: size, first paint, and from an input to the painted picture.

Run ``python -m setback.benchmarks.page classroom.html``, with playwright and a chromium (`SETBACK_BROWSER`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

#: Inputs that are timed, the first few of them not counted.
INPUTS, WARM = 80, 10
#: A slider is moved; the time is taken when the frame that shows it has been handed over.
TIMED = """async ([selector, n]) => {
  const slider = document.querySelector(selector), low = Number(slider.min), high = Number(slider.max), times = [];
  for (let k = 0; k < n; k++) {
    await new Promise(done => setTimeout(done, 20));
    const start = performance.now();
    slider.value = low + (high - low) * (0.2 + 0.6 * ((k * 7) % n) / n);
    slider.dispatchEvent(new Event("input"));
    await new Promise(done => requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = done;
      after.port2.postMessage(0);
    }));
    times.push(performance.now() - start);
  }
  return times;
}"""
YEAR = """() => {
  const times = [];
  for (let room = 0; room < 60; room++) {
    const start = performance.now();
    SETBACK.year({seed: 1, room, keep: true});
    times.push(performance.now() - start);
  }
  return times.slice(10);
}"""


def measure(file: Path) -> dict[str, Any]:
    """Every figure of a page."""
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {"size_kB": file.stat().st_size / 1000}
    path = os.environ.get("SETBACK_BROWSER") or shutil.which("chromium")
    with sync_playwright() as playwright:
        args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=args)
        for slowed in (1, 6):
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
            page.goto(file.resolve().as_uri())
            page.wait_for_timeout(500)
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            at = f"slowed_{slowed}x"
            found[f"first_paint_ms_{at}"] = page.evaluate(paint)
            page.eval_on_selector("#week", "s => { s.value = 36; s.dispatchEvent(new Event('input')) }")
            page.click("#world > summary")
            page.click("#world .sliders >> nth=2 >> summary")
            page.wait_for_timeout(500)
            for name, selector in (("number", "#world .slider input"), ("week", "#week")):
                times = page.evaluate(TIMED, [selector, INPUTS])[WARM:]
                found[f"{name}_to_paint_ms_{at}"] = _spread(times)
            found[f"class_year_ms_{at}"] = _spread(page.evaluate(YEAR))
            page.close()
        browser.close()
    return found


def _spread(times: list[float]) -> dict[str, float]:
    return {"median": round(float(np.median(times)), 1), "p95": round(float(np.percentile(times, 95)), 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the classroom page in a browser.")
    parser.add_argument("file", type=Path, help="the page, as setback page writes it")
    print(json.dumps(measure(parser.parse_args().file), indent=1))
