/// Notebooks as pages, and the gallery. (The name puts this file behind the browser's helper.)
module Recipes.Tests.StaticGalleryTests

open System
open System.IO
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open Expecto
open Recipes.Display
open Recipes.Notebook.Cells
open Recipes.Notebook.Documents
open Recipes.Notebook.Gallery
open Recipes.Tests.Support
open Recipes.Tests.ReportBrowserTests

let private png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

let private chart =
    Charts.Curves(
        "Accuracy over epochs",
        "epoch",
        "top-1, %",
        [
            Series.Curve("one branch", [ 1.0; 2.0; 3.0; 4.0 ], [ 31.0; 52.0; 61.0; 64.5 ])
            Series.Curve("four branches", [ 1.0; 2.0; 3.0; 4.0 ], [ 35.0; 58.0; 66.0; 69.5 ])
        ]
    )

let private prose =
    """# Folding a block

A block with *k* branches folds into **one** convolution. This notebook shows how, step by step.

## The algebra

A convolution with weights $W$ and a batch norm with $\gamma, \beta, \mu, \sigma$ are one convolution:

$$
W'_{c} = \frac{\gamma_c}{\sqrt{\sigma_c^2 + \epsilon}} W_c, \qquad b' = \sum_{k=1}^{K} \left( \beta_k - \frac{\gamma_k \mu_k}{\sigma_k} \right)
$$

An unknown command stays readable: $\unknowncommand{x}$. See [what to try](#What-to-try), [the next one](second.ipynb#More) and
[the code](../src/Conv.cs), or [bad](javascript:alert(1)). <script>alert(1)</script>

| model | top-1 |
|-------|------:|
| S0    | 71.4  |

![dot](attachment:dot.png) ![missing](nowhere.png)

## What to try

- Change `branches` to 1.

### A detail

Text."""

let private sample () =
    let document = NotebookDocument.New()
    let recorder = OutputRecorder()

    let code language source outputs =
        let cell = document.Add(CellKind.Code, source, language)

        for output in outputs do
            recorder.Record(cell, output)

        cell

    let html text =
        CellOutput.Display(MimeBundle.Of("text/html", text), null) :> CellOutput

    let printed name text =
        CellOutput.Printed(name, text) :> CellOutput

    let first = document.Add(CellKind.Markdown, prose)
    first.Json["attachments"] <- JsonNode.Parse($$"""{"dot.png": {"image/png": "{{png}}"} }""")

    (code
        "csharp"
        "var branches = 4; // how many\nvar name = $\"k={branches}\";"
        [ html (InteractiveCharts().ToHtml()) ])
        .Tags <- [ "parameters" ]

    code
        "fsharp"
        "let accuracy = [ 31.0; 52.0 ] |> List.map (fun x -> x / 100.0)\naccuracy"
        [
            printed "stdout" "epoch 1\r\u001b[32mepoch 2\u001b[0m <b>done</b>\n"
            printed "stderr" "a warning\n"
            CellOutput.Result(MimeBundle.Text "[0.31; 0.52]", 2)
        ]
    |> ignore

    code "csharp" "chart" [ html (chart.ToHtml()) ] |> ignore

    code "csharp" "chart // again" [ html (chart.ToHtml() + InteractiveCharts().ToHtml()) ]
    |> ignore

    code
        "csharp"
        "breakOut"
        [
            html
                "</div></div></main><div><table><tr><td>open <b>bold<!-- lost --><script>document.title = \"ran\"; \"<!--\"</script>"
        ]
    |> ignore

    let data = JsonObject()
    data["image/png"] <- JsonValue.Create png

    code "csharp" "picture" [ CellOutput.Display(MimeBundle(data, JsonObject()), null) ]
    |> ignore

    code
        "csharp"
        "throw new Exception();"
        [
            CellOutput.Error(
                "System.Exception",
                "went <wrong>",
                [ "\u001b[31mSystem.Exception: went <wrong>\u001b[0m"; "   at Submission#7" ]
            )
        ]
    |> ignore

    document

let private links (page: string) =
    [
        for m in Regex.Matches(page, "<a href=\"([^\"#:]+)[\"#]") -> m.Groups[1].Value
    ]

[<Tests>]
let tests =
    testList
        "notebook gallery"
        [
            testCase "a page in a browser: charts interactive, outputs stay in their place, the console is empty"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let html = NotebookHtml.Render(sample ())
                    let path = Path.Combine(folder, "page.html")
                    File.WriteAllText(path, html)
                    Expect.equal (count "plotly.js v" html + count "recipesCharts = " html) 1 "plotly.js once"
                    let page, console = inBrowser path
                    Expect.isEmpty console "console"
                    Expect.equal (count "class=\"js-plotly-plot\"" page) 2 "charts drawn"
                    Expect.equal (count "<title>ran</title>" page) 1 "an output's script has run"
                    Expect.equal (count "<math" page) 3 "formulas"
                    Expect.stringContains page "\\unknowncommand" "unknown commands are shown"

                    // Everything is where it was put: each cell is a child of main, the last one after the one that breaks out.
                    let cells = Regex.Split(page, "<div class=\"cell ")
                    Expect.equal cells.Length 9 "cells"
                    Expect.stringContains cells[8] "went &lt;wrong&gt;" "the last cell"

                    Expect.stringContains
                        (page.Substring(page.IndexOf "went &lt;wrong&gt;"))
                        "</main>"
                        "main is still open there"

                    Expect.equal (count "</main>" page) 1 "and closed once"
                    Expect.stringContains page "<a href=\"#what-to-try\">what to try</a>" "Jupyter's anchors"
                    Expect.stringContains page "id=\"what-to-try\"" "their target"
                    Expect.equal (count "javascript:" page) 0 "no script in links"
                    Expect.stringContains page "&lt;script&gt;alert(1)" "no HTML in markdown"
                    Expect.stringContains page $"src=\"data:image/png;base64,{png}\" alt=\"dot\"" "attachments"

                    Expect.stringContains
                        page
                        "<span class=\"ansi-2\">epoch 2</span> &lt;b&gt;"
                        "terminal colours, overwritten lines")

            testCase "a page without charts holds no plotly.js"
            <| fun () ->
                let document = NotebookDocument.New()
                document.Add(CellKind.Code, "<figure class=\"chart\">") |> ignore
                let page = NotebookHtml.Render(document, "name <x>")
                Expect.isLessThan page.Length 30_000 "size"
                Expect.stringContains page "<h1>name &lt;x&gt;</h1>" "the title of a notebook without headings"

            testCase "a gallery: every page is there, links resolve, the newest report of each reproduction"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let notebooks = Path.Combine(folder, "notebooks")
                    let runs = Path.Combine(folder, "runs")
                    let out = Path.Combine(folder, "gallery")

                    let place parts =
                        Path.Combine(Array.ofList (folder :: parts))

                    Directory.CreateDirectory notebooks |> ignore

                    let write parts (text: string) =
                        Recipes.AtomicFile.WriteText(place parts, text)

                    (sample ()).Save(place [ "notebooks"; "01-fold.ipynb" ])
                    write [ "notebooks"; "second.ipynb" ] """{"nbformat": 4, "cells": [], "metadata": {}}"""
                    write [ "notebooks"; "second.dib" ] "#!fsharp\n1\n\n#!markdown\n[up](01-fold.ipynb#the-algebra)"
                    write [ "notebooks"; ".ipynb_checkpoints"; "old.ipynb" ] "no notebook"
                    let shown = NotebookGallery.Write(out, notebooks, runs)
                    Expect.equal (shown.Notebooks, shown.Reports) (3, 0) "without runs"
                    let index = Path.Combine(out, "index.html")
                    Expect.stringContains (File.ReadAllText index) "no reports of runs" "the index says so"

                    for run, title in [ "2026-a", "old"; "2026-b", "Paper &amp; co"; "2026-c", "" ] do
                        if title <> "" then
                            write [ "runs"; "mobileone"; run; "report.html" ] $"<title>{title}</title>"
                        else
                            write [ "runs"; "mobileone"; run; "recipe.json" ] "{}"

                    File.Copy(
                        Path.Combine(root, "recipes", "ledger", "mobileone.json"),
                        place [ "runs"; "mobileone"; "2026-b"; "claims.json" ]
                    )

                    let shown = NotebookGallery.Write(out, notebooks, runs)
                    Expect.equal (shown.Notebooks, shown.Reports) (3, 1) "with a run, in the same place"
                    let page, console = inBrowser index
                    Expect.isEmpty console "console"
                    Expect.stringContains page "<h3>Paper &amp; co</h3>" "the newest report"
                    Expect.isMatch page "<span class=\"good\">\\d+ hold</span>" "its verdicts"

                    Expect.stringContains
                        page
                        "<h3>Folding a block</h3><p>A block with k branches folds into one convolution.</p>"
                        "the notebook"

                    Expect.isMatch page "<img class=\"thumb\" src=\"data:image/svg" "its picture"
                    Expect.stringContains page "<h3>second</h3>" "a notebook without headings"
                    let files = Directory.GetFiles(out, "*.html", SearchOption.AllDirectories)
                    Expect.equal files.Length 5 "pages"

                    for file in files do
                        for link in links (File.ReadAllText file) do
                            let target = Path.Combine(Path.GetDirectoryName file, link)
                            Expect.isTrue (File.Exists target) $"{file} links to {link}"

                    Expect.isTrue
                        (files
                         |> Array.exists (fun f -> (File.ReadAllText f).Contains "href=\"01-fold.html#the-algebra\""))
                        "links between notebooks"

                    Expect.isEmpty (Directory.GetDirectories(folder, "*.tmp")) "nothing left over")

            testCase "a gallery replaces nothing but galleries, and is not written when a notebook is broken"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let notebooks = Path.Combine(folder, "notebooks")
                    let mine = Path.Combine(folder, "mine")
                    Directory.CreateDirectory notebooks |> ignore
                    Directory.CreateDirectory mine |> ignore
                    File.WriteAllText(Path.Combine(mine, "thesis.txt"), "x")

                    let write out () =
                        NotebookGallery.Write(out, notebooks, "none") |> ignore

                    failsSaying [ "mine"; "no gallery of ours" ] (write mine)
                    failsSaying [ "thesis.txt"; "is a file" ] (write (Path.Combine(mine, "thesis.txt")))

                    failsSaying [ "nowhere"; "--notebooks" ] (fun () ->
                        NotebookGallery.Write(Path.Combine(folder, "new"), Path.Combine(folder, "nowhere"), "none")
                        |> ignore)

                    File.WriteAllText(Path.Combine(notebooks, "a.ipynb"), "x")
                    File.WriteAllText(Path.Combine(notebooks, "b.ipynb"), "{}")

                    failsSaying
                        [ "a.ipynb"; "b.ipynb"; "no gallery was written" ]
                        (write (Path.Combine(folder, "new")))

                    Expect.equal (Directory.GetFileSystemEntries folder).Length 2 "nothing was written")
        ]
