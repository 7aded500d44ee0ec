"""Opens a notebook in the classic Notebook in headless Chromium, clicks Run until all cells have run, and looks at the page.

usage: python3 browser.py NOTEBOOK SCREENSHOT.png
Needs notebook, selenium and a chromedriver. Prints what the page shows, one fact a line; exits 1 when the chart is not alive.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 120
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --window-size=1100,1500"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(folder, log):
    port = free_port()
    arguments = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "notebook",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--NotebookApp.token=",
        "--NotebookApp.password=",
        f"--notebook-dir={folder}",
    ]
    server = subprocess.Popen(arguments, stdout=log, stderr=log)
    for _ in range(10 * PATIENCE):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
            assert server.poll() is None, "the notebook server has ended"
    sys.exit("the notebook server does not listen")


def browser():
    options = Options()
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


def run_all(page):
    wait = WebDriverWait(page, PATIENCE)
    wait.until(lambda p: p.execute_script("return !!(window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected())"))
    cells = page.execute_script("return Jupyter.notebook.get_cells().length")
    page.execute_script("Jupyter.notebook.select(0)")
    for _ in range(cells):
        page.find_element(By.CSS_SELECTOR, "#run_int button[data-jupyter-action='jupyter-notebook:run-cell-and-select-next']").click()
    idle = "return Jupyter.notebook.get_cells().every(c => c.cell_type != 'code' || c.input_prompt_number && c.input_prompt_number != '*' || !c.get_text())"
    wait.until(lambda p: p.execute_script(idle))


def main():
    notebook, screenshot = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with open(screenshot + ".log", "w") as log:
        server, port = serve(notebook.parent, log)
        page = browser()
        try:
            page.get(f"http://127.0.0.1:{port}/notebooks/{notebook.name}")
            run_all(page)
            try:
                WebDriverWait(page, 30).until(lambda p: p.find_elements(By.CSS_SELECTOR, ".output .js-plotly-plot svg .scatterlayer path"))
            except Exception:
                pass
            time.sleep(0.5)
            output = page.find_element(By.CSS_SELECTOR, "#notebook-container").text
            page.execute_script("document.querySelectorAll('#header, #pager').forEach(e => e.remove()); document.querySelector('#site').scrollTop = 0")
            page.save_screenshot(screenshot)
            print(output)
            highlighted = page.find_elements(By.CSS_SELECTOR, ".CodeMirror .cm-keyword, .CodeMirror .cm-string")
            print(f"highlighted: {len(highlighted)}")
            charts = page.find_elements(By.CSS_SELECTOR, ".output .js-plotly-plot svg .scatterlayer path")
            print(f"charts: {len(charts)}")
            wrong = [e["message"] for e in page.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]
            print(f"console: {wrong}")
            sys.exit(0 if charts else 1)
        finally:
            page.quit()
            server.terminate()
            server.wait()


main()
