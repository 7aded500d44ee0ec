module Recipes.Tests.DisplayTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Xml.Linq
open Expecto
open Recipes
open Recipes.Display
open Recipes.Reproductions
open Recipes.Tests.Support

let hostile = """<script>alert("x")</script> & 'co' | `a` </style>"""

let lines (texts: string list) = String.Join("\n", texts) + "\n"

let tiny =
    // One grey pixel.
    Convert.FromBase64String
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="

let table =
    Table
        .With(Column.Text "Variant", Column.Number("Latency", "ms", "0.00"), Column.Number "Difference")
        .Row("S0", 0.823, 4.8e-7)
        .Row("naïve", -12, null)
        .Row("S4", Cell(2.4, Tone.Bad), Double.NaN)
        .Caption
        "Batch 1"

let claim verdict measured reason =
    Claim(
        Reproduction = "mobileone",
        Id = "fold/exact",
        Statement = "Folding leaves outputs unchanged.",
        Kind = ClaimKind.Exact,
        Paper = "equal",
        Where = "Sec. 3.2",
        Measured = Option.toNullable measured,
        Unit = "relative",
        Tolerance = "at most 1e-5",
        Verdict = verdict,
        Reason = reason
    )

let ledger =
    [
        claim Verdict.Holds (Some 4.8e-7) "5 variants"
        claim Verdict.NotAttempted None "scale"
        Claim(
            Reproduction = "fastvit",
            Id = hostile,
            Statement = hostile,
            Kind = ClaimKind.Trend,
            Paper = hostile,
            Where = hostile,
            Measured = 1.0,
            Unit = hostile,
            Tolerance = hostile,
            Verdict = Verdict.Fails,
            Reason = hostile
        )
    ]

let charts =
    let x = [ 1.0; 10.0; 100.0 ]

    [
        Charts.Curves(
            hostile,
            "x",
            "y",
            [
                Series.OverSeeds(hostile, x, [ x; [ 3.0; 12.0; 110.0 ] ])
                Series.Curve("b", x, [ 1.0; nan; 0.0 ])
            ],
            true
        )
        Charts.Scatter("s", "x", "y", [ Series.Points(hostile, [ struct (hostile, 1.0, 2.0) ]) ], logX = true)
        Charts.Bars("b", "y", [ hostile; "two" ], [ Series.Bars(hostile, [ 1.0; -2.0 ]) ])
        Charts.Curves("nothing", "x", "y", [])
    ]

let blocks: Block list =
    [
        table
        Table.With(Column.Text hostile, Column.Number(hostile, hostile)).Row(hostile, hostile).Caption hostile
        Prose hostile
        Figures(Figure(hostile, hostile, hostile, hostile))
        Picture(tiny, hostile, hostile, Mark.Wrong, hostile)
        PictureGrid(hostile, [ Picture(tiny, hostile) ])
        ClaimsTable.From ledger
        yield! charts |> List.map (fun c -> c :> Block)
    ]

/// The fragment read as XML, which is stricter than HTML: every element closed, every attribute quoted.
let parse (html: string) =
    XElement.Parse(Regex.Replace(html, "(<(?:img|meta|link|br)\\b[^>]*?)/?>", "$1/>"))

let show (value: obj) mime =
    // As a notebook host does it, by names only.
    let attribute =
        value.GetType().GetCustomAttributes(true)
        |> Seq.find (fun a -> a.GetType().Name = "TypeFormatterSourceAttribute")

    let get (target: obj) (name: string) =
        target.GetType().GetProperty(name).GetValue target

    let source =
        Activator.CreateInstance(get attribute "FormatterSourceType" :?> Type, true)

    source.GetType().GetMethod("CreateTypeFormatters").Invoke(source, [||]) :?> seq<obj>
    |> Seq.pick (fun formatter ->
        use writer = new StringWriter()

        let shown =
            (get formatter "MimeType" :?> string) = mime
            && formatter.GetType().GetMethod("Format").Invoke(formatter, [| value; writer |]) :?> bool

        if shown then Some(writer.ToString()) else None)

[<Tests>]
let tests =
    testList
        "display"
        [
            testCase "a table is aligned text: numbers right, units in the heading, signs beside tones"
            <| fun () ->
                let expected =
                    lines
                        [
                            "Batch 1"
                            "Variant  Latency (ms)  Difference"
                            "───────  ────────────  ──────────"
                            "S0               0.82      4.8e-7"
                            "naïve          −12.00           –"
                            "S4             ✗ 2.40         NaN"
                        ]

                Expect.equal (table.ToString()) expected "text"

            testCase "a table is markdown that no cell can break"
            <| fun () ->
                let text = Table.With(Column.Text "a|b").Row("x | y\nz").Row(hostile).ToMarkdown()
                Expect.equal (text.Split('\n').Length) 5 "heading, rule, two rows"
                Expect.stringContains text "x \\| y z" "escaped"
                Expect.isFalse (text.Contains "<script") "no markup"

            testCase "a row that does not fit is refused by name"
            <| fun () -> failsSaying [ "2 cells"; "3 columns"; "Latency" ] (fun () -> table.Row("a", 1) |> ignore)

            testCase "numbers keep four digits, group thousands and use exponents only where needed"
            <| fun () ->
                let shown (value: float) =
                    Table.With(Column.Number "n").Row(value).ToString().Split('\n')[2] |> _.Trim()

                Expect.equal
                    ([ 0.0; 71.426; 0.01234; 4.8e-7; -0.5; 123456.7; 3e12; infinity; 999.96 ]
                     |> List.map shown)
                    [ "0"; "71.43"; "0.0123"; "4.8e-7"; "−0.5"; "123,457"; "3e12"; "∞"; "1,000" ]
                    "numbers"

            testCase "every block is well-formed HTML in which no given text becomes markup"
            <| fun () ->
                for block in blocks do
                    let root = parse (block.ToHtml())
                    let scripts = root.Descendants "script" |> List.ofSeq

                    for script in scripts do
                        Expect.equal (script.Attribute("type").Value) "application/json" "only data"
                        use _ = JsonDocument.Parse script.Value
                        ()

                    Expect.equal (scripts.Length = 1) (block :? ChartBlock) "scripts"
                    Expect.equal (Seq.length (root.Descendants "style")) 1 "one style"
                    Expect.isGreaterThan (block.ToString().Length) 3 "plain text"
                    Expect.isFalse (block.ToMarkdown().Contains "<script") "markdown"

            testCase "a notebook host finds HTML, markdown and plain text by name"
            <| fun () ->
                for block in blocks do
                    Expect.equal (show block "text/html") (block.ToHtml()) "html"
                    Expect.equal (show block "text/markdown") (block.ToMarkdown()) "markdown"
                    Expect.equal (show block "text/plain") (block.ToString()) "plain"

                let public' =
                    typeof<Block>.Assembly.GetExportedTypes()
                    |> Array.filter (fun t -> t.IsSubclassOf typeof<Block>)

                Expect.isGreaterThanOrEqual public'.Length 8 "blocks"

                for block in public' do
                    let own = block.GetCustomAttributes(false) |> Array.map (fun a -> a.GetType().Name)
                    Expect.contains own "TypeFormatterSourceAttribute" block.Name

            testCase "claims: summary, verdicts in words and signs, the paper's value beside ours"
            <| fun () ->
                let shown = ClaimsTable.From ledger
                Expect.equal shown.Summary "1 of 3 claims hold; 1 fails; 1 not attempted." "summary"
                let text = shown.ToString()

                for part in
                    [
                        "✓ holds"
                        "✗ fails"
                        "– not attempted"
                        "4.8e-7 relative"
                        "at most 1e-5"
                        "equal, Sec. 3.2"
                        "(scale)"
                        "mobileone\n"
                        "fastvit\n"
                    ] do
                    Expect.stringContains text part "plain text"

                let html = shown.ToHtml()
                Expect.equal (Regex.Matches(html, "role=\"rowheader\"").Count) 5 "three claims and two groups"
                Expect.equal (ClaimsTable.From([]).Summary) "No claims." "none"

            testCase "a curve over seeds is their mean between the least and the greatest"
            <| fun () ->
                let s =
                    Series.OverSeeds("k", [ 1.0; 2.0 ], [ [ 1.0; 5.0 ]; [ 3.0; 4.0 ]; [ 2.0; 9.0 ] ])

                Expect.sequenceEqual s.Y [ 2.0; 6.0 ] "mean"
                Expect.sequenceEqual s.Low [ 1.0; 4.0 ] "low"
                Expect.sequenceEqual s.High [ 3.0; 9.0 ] "high"

                failsSaying [ "\"k\""; "runs of 2"; "1, 2" ] (fun () ->
                    Series.OverSeeds("k", [ 1.0; 2.0 ], [ [ 1.0 ]; [ 1.0; 2.0 ] ]) |> ignore)

                failsSaying [ "\"c\""; "1 x"; "2 y" ] (fun () -> Series.Curve("c", [ 1.0 ], [ 1.0; 2.0 ]) |> ignore)

            testCase "bars that do not fit their groups are refused, all at once"
            <| fun () ->
                failsSaying [ "2 groups"; "a has 1"; "b has 3" ] (fun () ->
                    Charts.Bars(
                        "t",
                        "y",
                        [ "one"; "two" ],
                        [ Series.Bars("a", [ 1.0 ]); Series.Bars("b", [ 1.0; 2.0; 3.0 ]) ]
                    )
                    |> ignore)

            testCase "axes have round ticks, and logarithmic ones leave out what they cannot draw"
            <| fun () ->
                let ticks values log =
                    AxisScale(values, log, 0.0, 0.0, 100.0).Ticks()
                    |> Seq.map (fun t -> Math.Round(t, 9))
                    |> List.ofSeq

                Expect.equal (ticks [ 0.0; 10.0 ] false) [ 0.0; 2.0; 4.0; 6.0; 8.0; 10.0 ] "linear"
                Expect.equal (ticks [ -0.03; 0.07 ] false) [ -0.02; 0.0; 0.02; 0.04; 0.06 ] "fractions"
                Expect.equal (ticks [ 0.04; 1.0; 0.0; nan ] true) [ 0.05; 0.1; 0.2; 0.5; 1.0 ] "one decade or two"
                Expect.equal (ticks [ 1e-3; 1e3 ] true) [ 0.001; 0.01; 0.1; 1.0; 10.0; 100.0; 1000.0 ] "many decades"
                Expect.isNonEmpty (ticks [ 5.0 ] false) "one value"
                Expect.isNonEmpty (ticks [] false) "no value"

            testCase "a picture must be a PNG file, and knows its size"
            <| fun () ->
                Expect.equal (Picture(tiny, "a").Width) 1 "width"
                failsSaying [ "\"a\""; "PNG"; "3 bytes" ] (fun () -> Picture([| 1uy; 2uy; 3uy |], "a") |> ignore)

            testCase "the Plotly.NET chart stands by itself"
            <| fun () ->
                let json = Plotly.NET.GenericChart.toJson (charts[0].ToPlotly())
                Expect.stringContains json "\"type\":\"scatter\"" "its traces"
        ]
