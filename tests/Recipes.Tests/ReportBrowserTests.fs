module Recipes.Tests.ReportBrowserTests

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open System.Threading
open Expecto
open Recipes.Display
open Recipes.Tests.Support

let hostile = """<script>alert("x")</script> & 'co' %{y} </style>"""

/// Every place where a name may stand holds markup.
let report =
    let line = [ 1.0; 2.0 ]

    let curves =
        [
            Series.OverSeeds(hostile, line, [ line; [ 2.0; 3.0 ] ])
            Series.Curve("b", line, [ 2.0; nan ])
        ]

    HtmlReport(hostile, hostile)
        .Fact(hostile, hostile)
        .Section(hostile, Prose hostile, Table.With(Column.Text hostile).Row(hostile).Caption hostile)
        .Section("curves", Charts.Curves(hostile, hostile, hostile, curves, true))
        .Section(
            "points",
            Charts.Scatter(
                hostile,
                hostile,
                hostile,
                [ Series.Points(hostile, [ struct (hostile, 1.0, 2.0) ]) ],
                logX = true
            )
        )
        .Section("bars", Charts.Bars(hostile, hostile, [ hostile; "b" ], [ Series.Bars(hostile, line) ]))
        .Section("nothing", Charts.Curves("no series", "x", "y", []))

let count (pattern: string) (text: string) =
    Regex.Matches(text, pattern, RegexOptions.None, TimeSpan.FromSeconds 20.0).Count

/// The page's elements after its scripts have run, and what they wrote on the console.
let inBrowser (path: string) =
    let folders = Environment.GetEnvironmentVariable("PATH").Split(Path.PathSeparator)

    let browser =
        [ "chromium"; "chromium-browser"; "google-chrome" ]
        |> Seq.collect (fun name -> folders |> Seq.map (fun folder -> Path.Combine(folder, name)))
        |> Seq.tryFind File.Exists
        |> Option.defaultWith (fun () -> skiptest "skipped: no Chromium on the PATH")

    let arguments =
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
        + $"--disable-sync --virtual-time-budget=3000 --enable-logging=stderr --v=0 --dump-dom --user-data-dir={path}.profile file://{path}"

    let start =
        ProcessStartInfo(browser, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

    use chromium = Process.Start start
    use _ = new Timer((fun _ -> chromium.Kill true), null, 90_000, Timeout.Infinite)
    let errors = chromium.StandardError.ReadToEndAsync()
    let page = chromium.StandardOutput.ReadToEnd()
    chromium.WaitForExit()
    page, errors.Result.Split('\n') |> Array.filter _.Contains("CONSOLE")

[<Tests>]
let tests =
    testList
        "report in a browser"
        [
            testCase "every chart is drawn, names full of markup stay names, and the console stays empty"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "report.html")
                    report.Write path
                    let page, console = inBrowser path
                    Expect.isEmpty console "console"
                    Expect.equal (count "class=\"js-plotly-plot\"" page) 4 "drawn"
                    Expect.equal (count "<img[^>]*class=\"replaced\"" page) 4 "static pictures make room"
                    Expect.equal (count "<script>alert" page) 0 "no name became an element"
                    Expect.equal (count "class=\"[xy]title\"[^>]*>&lt;script&gt;" page) 5 "axis titles show the names")

            testCase "in a notebook, charts before and after the script come alive, and a second script does nothing"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let chart = Charts.Bars("b", "y", [ "a" ], [ Series.Bars("s", [ 1.0 ]) ])
                    let script = InteractiveCharts().ToScript()

                    // As Jupyter inserts an output: as HTML, scripts made anew so that they run. RequireJS is there.
                    let insert =
                        """<script>
                        window.define = () => { throw new Error("a module loader was asked"); };
                        window.define.amd = {};
                        addEventListener("load", () => setTimeout(() => {
                          const output = document.createElement("div");
                          output.innerHTML = document.getElementById("later").innerHTML;
                          document.body.append(output);
                          for (const old of output.querySelectorAll("script")) {
                            const script = document.createElement("script");
                            for (const a of old.attributes) script.setAttribute(a.name, a.value);
                            script.textContent = old.textContent;
                            old.replaceWith(script);
                          }
                        }, 500));
                        </script>"""

                    let path = Path.Combine(folder, "notebook.html")

                    File.WriteAllText(
                        path,
                        $"<!doctype html><meta charset=utf-8><body>{insert}{chart.ToHtml()}{script}{chart.ToHtml()}"
                        + $"<template id=later>{PlotlyBlock(chart.ToPlotly()).ToHtml()}{script}</template></body>"
                    )

                    let page, console = inBrowser path
                    Expect.isEmpty console "console"
                    Expect.equal (count "class=\"js-plotly-plot\"" page) 3 "drawn")
        ]
