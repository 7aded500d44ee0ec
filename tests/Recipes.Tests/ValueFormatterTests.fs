/// How a notebook shows any value.
module Recipes.Tests.ValueFormatterTests

open System
open System.Collections.Generic
open System.Diagnostics
open Expecto
open Microsoft.DotNet.Interactive.Formatting
open TorchSharp
open Recipes.Models
open Recipes.Notebook.Cells
open Recipes.Notebook.Display
open Recipes.Tests.ShownDoubles
open Recipes.Tests.ValueDoubles
open Recipes.Tests.Support

let private bundle (value: obj) =
    ValueFormatter.Format(value).Data
    |> Seq.map (fun p -> p.Key, p.Value.ToString())
    |> dict

let private at (value: obj) (text: string) = value, text

let private plain value = (bundle value)["text/plain"]

let private html value = (bundle value)["text/html"]

[<Tests>]
let tests =
    torchTests
        "value formatter"
        [
            testCase "simple values are text alone"
            <| fun () ->
                for value, text in
                    [
                        at null "null"
                        at "<b>" "<b>"
                        at 2 "2"
                        at 2.5 "2.5"
                        at true "True"
                        at 'c' "c"
                        at DayOfWeek.Monday "Monday"
                        at 10I "10"
                        at (DateTime(2026, 1, 2, 3, 4, 5)) "2026-01-02 03:04:05"
                        at (DateOnly(2026, 1, 2)) "2026-01-02"
                        at (TimeSpan.FromSeconds 90.0) "00:01:30"
                    ] do
                    Expect.equal (List.ofSeq (bundle value)) [ KeyValuePair("text/plain", text) ] text
                    Expect.equal (ValueFormatter.Text value) text text

            testCase "F# values as F# writes them"
            <| fun () ->
                for value, text in
                    [
                        at { Name = "a"; Size = 1 } "{ Name = \"a\"\n  Size = 1 }"
                        at (Circle(1.5, "b")) "Circle (1.5, \"b\")"
                        at Dot "Dot"
                        at (Some 3) "Some 3"
                        at (1, "a") "(1, \"a\")"
                        at [ 1; 2 ] "[1; 2]"
                        at (set [ 1 ]) "set [1]"
                        at (Array2D.zeroCreate<int> 1 2) "[[0; 0]]"
                    ] do
                    Expect.equal (plain value) text text
                    Expect.isNonEmpty (html value) text

                let list = html [ { Name = "<script>"; Size = 7 } ]
                Expect.stringContains list "&lt;script&gt;" "a table of records, escaped"
                Expect.stringContains list ">Size</th>" "a column for each field"
                Expect.stringContains (html (Circle(1.0, "<script>"))) "&lt;script&gt;" "escaped"
                Expect.stringContains (plain (Map [ 1, "a" ])) "Key: 1" "maps are dictionaries"

            testCase "long, endless and broken sequences are read once, and not far"
            <| fun () ->
                let mutable read = 0

                let endless =
                    Seq.initInfinite (fun i ->
                        read <- read + 1
                        i)

                let shown = bundle endless
                Expect.stringContains shown["text/html"] "19" "twenty"
                Expect.stringContains shown["text/html"] "the first 20; there are more" "and more"
                Expect.isLessThanOrEqual read 21 "read once"

                let broken =
                    seq {
                        yield 1
                        failwith "mid <b>"
                    }

                Expect.stringContains (plain broken) "stopped after 1 items: Exception: mid <b>" "text"
                Expect.stringContains (html broken) "mid &lt;b&gt;" "html"

                let rows =
                    plain (Linq.Enumerable.Range(0, 30) |> Seq.map (fun i -> {| I = i; Square = i * i |}))

                Expect.stringContains rows "I  Square" "a table"
                Expect.isLessThan (plain [| 1..100000 |]).Length 300 "an array"

            testCase "circles, deep and throwing objects are bounded and shown with their errors"
            <| fun () ->
                let loop = { Value = 1; Next = None }
                loop.Next <- Some loop
                Expect.isLessThan (plain loop).Length 100_000 "record"
                Expect.isLessThan (html (Circular())).Length 100_000 "object"
                let family = Family()
                family.Kids <- [ family ]
                Expect.isLessThan (html family).Length 1_000_000 "through lists"
                let thrower = bundle (Thrower())
                Expect.stringContains thrower["text/plain"] "Boom: Exception: boom <b>" "property"
                Expect.stringContains thrower["text/html"] "boom &lt;b&gt;" "escaped"
                let failing = bundle (Failing())

                Expect.stringContains
                    failing["text/html"]
                    "Failing cannot be shown as text/html: Exception: no html &lt;i&gt;"
                    "ToHtml"

                let deep = bundle (Deep 6)
                Expect.isLessThan deep["text/html"].Length 1_100_000 "bounded"

            testCase "ToHtml(), the attribute by name, and registered formatters are honoured"
            <| fun () ->
                let own = bundle (ByConvention())
                Expect.equal (own["text/html"], own["text/plain"]) ("<b>mine</b>", "mine") "convention"
                let named = bundle (Attributed())
                Expect.equal named["text/html"] "<i>by name</i>" "attribute"
                Expect.stringContains named["application/json"] "\"a\": 1" "JSON is JSON"
                Expect.isNonEmpty named["text/plain"] "always text"
                Formatter.Register<Registered>((fun _ -> "<u>registered</u>"), "text/html")
                Expect.equal (html (Registered())) "<u>registered</u>" "registered"

            testCase "our values show as they do everywhere"
            <| fun () ->
                for value in shown.Value do
                    let b = bundle value
                    Expect.stringStarts b["text/html"] (value.ToHtml()) (value.GetType().Name)
                    Expect.equal b["text/plain"] (value.ToString().TrimEnd '\n') (value.GetType().Name)

            testCase "values of other libraries: tensors, networks, Plotly charts, claims, pictures, JSON, errors"
            <| fun () ->
                use tensor = torch.ones (2L)
                Expect.equal (plain tensor) "float32 [2] on cpu\nmin 1  max 1  mean 1  std 0\n[1., 1.]" "tensor"
                use linear = torch.nn.Linear(2L, 3L)
                Expect.stringContains (plain linear) "Linear 2→3" "network"
                Expect.stringContains (html (chart.ToPlotly())) "\"scatter\"" "Plotly"
                Expect.stringContains (html [| claim |]) "0 of 1 claims hold; 1 fails." "claims"
                use bitmap = new SkiaSharp.SKBitmap(3, 2)
                Expect.stringContains (html bitmap) "width=\"3\" height=\"2\"" "bitmap"

                Expect.equal
                    (plain (Text.Json.Nodes.JsonNode.Parse """{"a":[1]}"""))
                    "{\n  \"a\": [\n    1\n  ]\n}"
                    "JSON"

                Expect.stringContains (plain (exn "oops")) "System.Exception: oops" "error"
                Expect.stringContains (html (exn "<b>")) "&lt;b&gt;" "escaped"
                let inside = bundle {| Tensor = tensor; Layer = linear |}
                Expect.stringContains inside["text/html"] "float32 [2]" "short inside other values"
                Expect.stringContains inside["text/html"] "Linear, 9 parameters" "short inside other values"

            testCase "no tensor is left behind"
            <| fun () ->
                use tensor = torch.ones (8L, 8L)
                use model = MobileOne.Mini(10).Build()
                let live = DisposeScopeManager.Statistics.ThreadTotalLiveCount

                for value in
                    [
                        box tensor
                        box model
                        box [ tensor ]
                        box {| T = tensor; M = model |}
                        box (dict [ "a", tensor ])
                    ] do
                    ValueFormatter.Format value |> ignore
                    Expect.equal DisposeScopeManager.Statistics.ThreadTotalLiveCount live (value.GetType().Name)

            testCase "texts that say what they are"
            <| fun () ->
                for value, mime in
                    [
                        Html "<b>" :> MimeValue, "text/html"
                        Markdown "*a*" :> MimeValue, "text/markdown"
                        Latex "$a$" :> MimeValue, "text/latex"
                        Svg "<svg/>" :> MimeValue, "image/svg+xml"
                    ] do
                    Expect.equal ((bundle value)[mime]) value.Content mime
                    Expect.equal (plain value) value.Content mime

                Expect.equal ((bundle (Image png))["image/png"]) (Convert.ToBase64String png) "picture"
                Expect.stringStarts (plain (Image png)) "image/png, " "its text"
                failsSaying [ "Image"; "3 bytes" ] (fun () -> Image [| 1uy; 2uy; 3uy |] |> ignore)
                failsSaying [ "nowhere.png" ] (fun () -> Image.FromFile "nowhere.png" |> ignore)

            testCase "the first chart of a session brings the script, once; a cell that runs again brings it again"
            <| fun () ->
                let page = ChartPage()

                let show (value: obj) =
                    let data = Text.Json.Nodes.JsonObject()
                    let alone = (html value).Split("<script>(function")
                    data["text/html"] <- Text.Json.Nodes.JsonValue.Create alone[0]
                    let completed = page.Complete data
                    string(completed["text/html"]).Contains "recipesCharts"

                page.Begin "cell 1"
                Expect.isFalse (show (Html "<b>")) "no chart"
                Expect.isTrue (show chart) "first"
                Expect.isFalse (show chart) "second"
                page.Begin "cell 2"
                Expect.isFalse (show (chart.ToPlotly())) "another cell"
                page.Begin "cell 1"
                Expect.isTrue (show chart) "again"

            testCase "a thousand displays of 10 kB keep nothing"
            <| fun () ->
                let show i =
                    ValueFormatter.Format(Html(String('x', 10_000) + string i)) |> ignore
                    ValueFormatter.Format(ByConvention()) |> ignore
                    ValueFormatter.Format [| i; i + 1 |] |> ignore

                let used () =
                    GC.Collect()
                    GC.WaitForPendingFinalizers()
                    GC.GetTotalMemory true

                for i in 1..50 do
                    show i

                let before = used ()

                for i in 1..1000 do
                    show i

                Expect.isLessThan (used () - before) 500_000L "bytes kept of 30 million"

            testCase "a simple value takes no time, and no package"
            <| fun () ->
                let clock = Stopwatch.StartNew()

                for i in 1..10_000 do
                    ValueFormatter.Format i |> ignore

                Expect.isLessThan (clock.Elapsed.TotalMilliseconds / 10_000.0) 3.0 "milliseconds each"
        ]

// Cells share the process's console.
[<Tests>]
let sessions =
    testSequencedGroup "console"
    <| testList
        "value formatter in sessions"
        [
            testCase "each session of a process has a page of its own"
            <| fun () ->
                let cell name =
                    $"Recipes.Display.Charts.Bars(\"{name}\", \"b\", new[] {{ \"c\" }}, new[] {{ Recipes.Display.Series.Bars(\"d\", new[] {{ 1.0 }}) }})"

                let brings session name =
                    let outcome, host = CellDoubles.runCell session (cell name)
                    Expect.equal outcome.Status CellStatus.Ok $"{outcome.Error}"

                    host.Outputs
                    |> List.exists (function
                        | :? CellOutput.Result as r ->
                            r.Content.Data["text/html"].GetValue<string>().Contains "recipesCharts"
                        | _ -> false)

                for _ in 1..2 do
                    use session = new NotebookSession("csharp", warm = false)
                    Expect.equal [ for name in [ "a"; "b"; "a" ] -> brings session name ] [ true; false; true ] "once"
        ]
