module Recipes.Tests.MobileOneReportTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open SkiaSharp
open Recipes
open Recipes.Tests.Support
open Recipes.Display
open Recipes.Reports
open Recipes.Reproductions

// The numbers of this file are made up; they only have to look like those of a run.
let claims =
    """
fold/exact|Folding leaves the outputs of all five variants unchanged.|Exact|equal|Sec. 3.2|4.8e-7|relative|at most 1e-5|Holds|largest over 5 variants, 256 pictures
size/parameters|Folded parameters equal the paper's table.|Exact|2.1 to 14.8 M|Tab. 9|0|M|at most 0.05|Holds|
fold/faster|Folded is faster than train-time at batch 1, for every variant.|Ratio|1.9 x|Tab. 5|2.37|x|at least 1|Holds|least of five; 2.37 to 4.12
branches/help|Four branches beat one.|Trend|+0.9 points|Tab. 6|1.42|points|at least 0|Holds|mean of 3 seeds, 0.61 to 2.05
anneal/helps|Annealing the weight decay beats a constant one.|Trend|+0.5 points|Tab. 3|-0.21|points|at least 0|Fails|mean of 3 seeds, −0.88 to 0.47
rank/latency|Latency follows parameters only weakly.|Trend|0.29 rank correlation|Tab. 1|||at most 0.6|NotAttempted|needs the paper's 43 models on a phone
"""
        .Trim()
        .Split('\n')
    |> Array.map (fun line ->
        let field = line.Split('|')

        Claim(
            Reproduction = "mobileone",
            Id = field[0],
            Statement = field[1],
            Kind = Enum.Parse<ClaimKind> field[2],
            Paper = field[3],
            Where = field[4],
            Measured =
                (if field[5] = "" then
                     Nullable()
                 else
                     Nullable(float field[5])),
            Unit = field[6],
            Tolerance = field[7],
            Verdict = Enum.Parse<Verdict> field[8],
            Reason = field[9]
        ))

let thumbnail seed =
    let mutable rng = Rng.Stream(seed, "thumbnail")
    use surface = SKSurface.Create(SKImageInfo(64, 64))
    let canvas = surface.Canvas
    canvas.Clear(SKColor.FromHsv(float32 (rng.NextInt 360), 18f, 92f))

    for _ in 0 .. rng.NextInt 3 do
        use paint =
            new SKPaint(Color = SKColor.FromHsv(float32 (rng.NextInt 360), 75f, 80f), IsAntialias = true)

        let x, y, r = rng.NextInt(14, 50), rng.NextInt(14, 50), rng.NextInt(7, 18)

        if rng.NextBool 0.5 then
            canvas.DrawCircle(float32 x, float32 y, float32 r, paint)
        else
            canvas.DrawRect(float32 (x - r), float32 (y - r), float32 (2 * r), float32 (2 * r), paint)

    use image = surface.Snapshot()
    image.Encode(SKEncodedImageFormat.Png, 100).ToArray()

let curves final =
    [
        for seed in 1L .. 3L ->
            let mutable rng = Rng.Stream(seed, "curve", int64 (final * 10.0))

            [
                for epoch in 1..20 ->
                    final * (1.0 - exp (-float epoch / 5.0))
                    + rng.NextNormal() * 25.0 / float (epoch + 9)
            ]
    ]

let variants =
    [
        "S0", 2.1, 0.82, 71.4
        "S1", 4.8, 1.1, 75.9
        "S2", 7.8, 1.4, 77.4
        "S3", 10.1, 1.7, 78.1
        "S4", 14.8, 2.4, 79.4
    ]

let epochs = [ for e in 1..20 -> float e ]

let demo () =
    let overSeeds name final =
        Series.OverSeeds(name, epochs, curves final |> Seq.map Seq.ofList)

    let accuracy =
        Charts.Curves(
            "Branches help: top-1 on Scenes, mean of three seeds with their spread",
            "epoch",
            "top-1 (%)",
            [ overSeeds "k = 4" 71.0; overSeeds "k = 1" 68.5; overSeeds "no branches" 63.0 ]
        )

    let loss =
        let decay rate =
            epochs |> List.map (fun e -> 2.3 * exp (-e * rate) + 0.02)

        Charts.Curves(
            "Training loss",
            "epoch",
            "cross entropy (nats)",
            [
                Series.Curve("k = 4", epochs, decay 0.22)
                Series.Curve("k = 1", epochs, decay 0.17)
            ],
            logY = true
        )

    let scatter =
        Charts.Scatter(
            "Latency against accuracy",
            "latency (ms)",
            "top-1 (%)",
            [
                Series.Points("paper, iPhone 12", [ for name, _, ms, top1 in variants -> struct (name, ms, top1) ])
                Series
                    .Points(
                        "here, one core",
                        [ for name, _, ms, top1 in variants -> struct (name, ms * 3.1, top1 - 4.0) ]
                    )
                    .Spread([ for _, _, _, t in variants -> t - 4.6 ], [ for _, _, _, t in variants -> t - 3.1 ])
            ]
        )

    let folding =
        Table
            .With(
                Column.Text "Variant",
                Column.Number("Train-time", "M", "0.0"),
                Column.Number("Folded", "M", "0.0"),
                Column.Number("Train-time", "ms", "0.0"),
                Column.Number("Folded", "ms", "0.0"),
                Column.Number("Speed-up", "×", "0.00"),
                Column.Number "Largest difference"
            )
            .Rows(
                [
                    for name, p, ms, _ in variants ->
                        [| box $"MobileOne-{name}"; p * 2.4; p; ms * 9.2; ms * 3.1; 9.2 / 3.1; 4.8e-7 |]
                ]
            )
            .Caption
            "Batch 1, 224 pixels, one thread, medians of 50 runs in turn"

    let bars =
        Charts.Bars(
            "Latency before and after folding",
            "latency (ms)",
            [ for name, _, _, _ in variants -> name ],
            [
                Series.Bars("train-time", [ for _, _, ms, _ in variants -> ms * 9.2 ])
                Series.Bars("folded", [ for _, _, ms, _ in variants -> ms * 3.1 ])
            ]
        )

    let pictures =
        PictureGrid(
            "Held-out scenes, and what S0 (k = 4, folded) sees",
            [
                for i in 1L .. 16L ->
                    let wrong = i % 5L = 0L

                    Picture(
                        thumbnail i,
                        (if wrong then "red star" else "blue ring"),
                        (if wrong then "is a red cross, 54 %" else "91 %"),
                        (if wrong then Mark.Wrong else Mark.Right),
                        "A scene with a few shapes"
                    )
            ]
        )

    let key =
        Figures(
            Figure("Top-1, k = 4", 70.6, "%", "69.9 to 71.2 over 3 seeds"),
            Figure("Gain of branches", "+1.42", "points", "paper: +0.9"),
            Figure("Speed-up by folding", 2.37, "×", "least of five variants"),
            Figure("Output difference", 4.8e-7, "", "largest, relative")
        )

    HtmlReport(
        "MobileOne",
        "An improved one millisecond mobile backbone: six of its statements, measured on this machine."
    )
        .Fact("Scale", "laptop")
        .Fact("Seeds", "1, 2, 3")
        .Fact("Duration", TimeSpan.FromSeconds 521.0)
        .Facts(MachineFacts.Current().Lines())
        .Section("Claims", key, ClaimsTable.From claims)
        .Section(
            "Training",
            Prose
                "All arms share data, order and schedule; only the number of branches `k` differs.\n\nBands run from the least to the greatest of the seeds.",
            accuracy,
            loss
        )
        .Section("Latency and accuracy", scatter)
        .Section("Folding", folding, bars)
        .Section("Predictions", pictures)

let count (pattern: string) (text: string) =
    Regex.Matches(text, pattern, RegexOptions.None, TimeSpan.FromSeconds 20.0).Count

/// The page without plotly.js, whose own code names addresses that it loads only for maps.
let withoutPlotly html =
    Regex.Replace(
        html,
        @"<script>\(function \(dark, library\).*?</script>",
        "",
        RegexOptions.Singleline,
        TimeSpan.FromSeconds 20.0
    )

[<Tests>]
let tests =
    torchTests
        "report"
        [
            testCase "a whole report is one small file that loads nothing, with plotly.js in it once"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "run", "report.html")
                    demo().Write path
                    let html = File.ReadAllText path

                    match Environment.GetEnvironmentVariable "RECIPES_REPORT_DEMO" with
                    | null
                    | "" -> ()
                    | copy -> File.Copy(path, copy, true)

                    Expect.equal (Directory.GetFiles(Path.GetDirectoryName path).Length) 1 "no temporary file is left"
                    Expect.isLessThan (FileInfo(path).Length) 6_000_000L "bytes"

                    Expect.equal (count @"\(function \(dark, library\)" html) 1 "plotly.js, packed"

                    let page = withoutPlotly html
                    Expect.isLessThan page.Length 500_000 "plotly.js was cut out"

                    Expect.equal
                        (count "https?:|=\"//|@import|url\\(|require[.(]" (Regex.Replace(page, "(?m)^ *// .*$", "")))
                        0
                        "nothing is loaded"

                    Expect.stringContains html "default-src 'none'" "and the browser is told so"

                    Expect.stringContains page "8 min 41 s" "facts"

                    for section in [ "Claims"; "Training"; "Latency and accuracy"; "Folding"; "Predictions" ] do
                        Expect.stringContains page $">{section}</h2>" section

                    Expect.equal (count "<img" page) 20 "pictures and static charts"
                    Expect.equal (count "<img src=\"data:image/svg" page) 4 "static charts"
                    Expect.equal (count "<img[^>]* alt=\"[^\"]+\"" page) 20 "alternative texts")
        ]
