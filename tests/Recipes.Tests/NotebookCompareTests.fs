/// How outputs are compared: what counts as the same, and what is found.
module Recipes.Tests.NotebookCompareTests

open System
open System.Text.Json.Nodes
open Expecto
open Recipes.Notebook.Running.Comparison
open Recipes.Display
open SkiaSharp

let private rule = NumberRule 1e-3

let private compare varies (stored: string) (now: string) =
    let read (json: string) = JsonNode.Parse(json).AsArray()

    [
        for struct (output, finding) in OutputComparison(rule, varies).Compare(read stored, read now) ->
            $"{output}: {finding.What}"
    ]

let private text (value: string) = JsonValue.Create(value).ToJsonString()

let private printed name (value: string) =
    $"""{{"output_type": "stream", "name": "{name}", "text": {text value}}}"""

let private shows mime (value: string) =
    $"""{{"output_type": "display_data", "metadata": {{}}, "data": {{"{mime}": {value}}}}}"""

let private raises name message =
    $"""{{"output_type": "error", "ename": "{name}", "evalue": {text message}, "traceback": ["line 3"]}}"""

let private list outputs =
    "[" + String.Join(",", (outputs: string list)) + "]"

let private differs mime stored now =
    not (compare false (list [ shows mime stored ]) (list [ shows mime now ])).IsEmpty

/// A picture of 16 x 16 with a grey of its own, and a stripe.
let private picture (width: int) (grey: byte) =
    use bitmap = new SKBitmap(width, 16)
    bitmap.Erase(SKColor(grey, grey, grey))
    bitmap.SetPixel(3, 3, SKColors.Red)
    use data = bitmap.Encode(SKEncodedImageFormat.Png, 100)
    text (Convert.ToBase64String(data.ToArray()))

let private figure (traces: string list) title =
    let all = String.Join(",", traces)
    $"""{{"data": [{all}], "layout": {{"title": {{"text": "{title}"}}, "xaxis": {{"title": {{"text": "epoch"}}}}}}}}"""

let private trace name values =
    $"""{{"type": "scatter", "name": "{name}", "x": [1,2,3], "y": {values}}}"""

let private chart (series: (string * float list) list) =
    let lines =
        [|
            for name, ys in series -> Series.Curve(name, [| for i in 1 .. ys.Length -> float i |], Array.ofList ys)
        |]

    text (Charts.Curves("Loss", "epoch", "loss", lines).ToHtml())

[<Tests>]
let tests =
    testList
        "notebook compare"
        [
            testCase "numbers: whole ones exactly, others within the tolerance or a flip of the last of three digits"
            <| fun () ->
                for a, b in
                    [
                        "0.1234567", "0.1234568"
                        "0.1234567", "0.12349"
                        "5,293,272", "5293272"
                        "12.3 ms", "12.4 ms"
                        "1.00e-3", "1.01e-3"
                        "1e-17", "3e-18"
                        "loss 0.5000 after 3", "loss  0.5001  after 3"
                        "3", "3.0001"
                        "a  \nb\n\n", "a\r\nb"
                        "\u001b[31mred\u001b[0m", "red"
                    ] do
                    Expect.isNull (TextComparison.Compare(a, b, rule)) $"{a} and {b}"

                for a, b in
                    [
                        "5,293,272", "5,293,273"
                        "0.12", "0.13"
                        "0.123", "0.125"
                        "12.3 ms", "12.3 s"
                        "-0.5", "0.5"
                        "net_1", "net_2"
                        "1.2.3", "1.2.4"
                        "a", "a\nb"
                        "loss 0.5", "loss"
                    ] do
                    Expect.isNotNull (TextComparison.Compare(a, b, rule)) $"{a} and {b}"

                let finding = TextComparison.Compare("a\nb 1\nc 1\nd", "a\nb 2\nc 2\nd", rule)
                Expect.equal finding.What "line 2 and 1 more" "which line"
                Expect.equal (finding.Stored, finding.Now) ("b 1", "b 2") "excerpts"

            testCase "streams are compared whole, other outputs one by one"
            <| fun () ->
                let stored =
                    list
                        [
                            printed "stdout" "a\n"
                            printed "stderr" "w\n"
                            printed "stdout" "b 0.1234567\n"
                        ]

                Expect.isEmpty
                    (compare false stored (list [ printed "stdout" "a\nb 0.1234569\n"; printed "stderr" "w\n" ]))
                    "cut elsewhere, and another seventh digit"

                Expect.equal
                    (compare false stored (list [ printed "stdout" "a\nc\n"; printed "stderr" "w\n" ]))
                    [ "stdout: line 2" ]
                    "another text"

                let two = list [ shows "text/plain" (text "1"); raises "System.Exception" "no" ]

                Expect.equal
                    (compare false two (list [ shows "text/plain" (text "2"); raises "System.Exception" "yes" ]))
                    [ "1 (display_data): text/plain: text"; "2 (error): text" ]
                    "each"

                Expect.equal
                    (compare false two (list [ shows "text/html" (text "1"); raises "System.IO.IOException" "no" ]))
                    [ "1 (display_data): MIME types"; "2 (error): error" ]
                    "kinds"

                Expect.equal
                    (compare false two (list [ shows "text/plain" (text "1") ]))
                    [ "all: number of outputs" ]
                    "missing"

            testCase "HTML by its tags, attributes and texts; generated ids may differ"
            <| fun () ->
                let id () = Guid.NewGuid().ToString "N"

                let table number =
                    let id = id ()

                    text
                        $"<div id=\"a{id}\"><!-- c --><table class='t'>\n <tr><td>loss</td><td>{number}</td></tr></table></div><script>show('a{id}')</script>"

                Expect.isFalse (differs "text/html" (table "0.50001") (table "0.50002")) "same"
                Expect.isTrue (differs "text/html" (table "0.50001") (table "0.6")) "number"
                Expect.isTrue (differs "text/html" (text "<b>x</b>") (text "<i>x</i>")) "tag"
                Expect.isTrue (differs "text/html" (text "<b class=a>x</b>") (text "<b class=b>x</b>")) "attribute"
                Expect.isTrue (differs "text/html" (text "<b>x</b>") (text "<b>x</b><b>y</b>")) "more"

                let image p =
                    text $"""<img src="data:image/png;base64,{JsonNode.Parse(p: string)}">"""

                Expect.isFalse
                    (differs "text/html" (image (picture 16 100uy)) (image (picture 16 101uy)))
                    "embedded image"

                Expect.isTrue
                    (differs "text/html" (image (picture 16 100uy)) (image (picture 16 180uy)))
                    "embedded image"

            testCase "charts by structure: traces, names, lengths, titles; not values"
            <| fun () ->
                let mime = "application/vnd.plotly.v1+json"
                let one = figure [ trace "k=1" "[1,2,3]" ] "Loss"
                Expect.isFalse (differs mime one (figure [ trace "k=1" "[4,5,7]" ] "Loss")) "values"

                Expect.isTrue
                    (differs mime one (figure [ trace "k=1" "[1,2,3]"; trace "k=4" "[1,2,3]" ] "Loss"))
                    "trace"

                Expect.isTrue (differs mime one (figure [ trace "k=2" "[1,2,3]" ] "Loss")) "name"
                Expect.isTrue (differs mime one (figure [ trace "k=1" "[1,2]" ] "Loss")) "length"
                Expect.isTrue (differs mime one (figure [ trace "k=1" "[1,2,3]" ] "Gain")) "title"

                let stored = chart [ "k=1", [ 3.0; 2.0; 1.0 ] ]
                Expect.isFalse (differs "text/html" stored (chart [ "k=1", [ 30.0; 2.0; 1.0 ] ])) "ours, values"

                Expect.equal
                    (compare
                        false
                        (list [ shows "text/html" stored ])
                        (list
                            [
                                shows "text/html" (chart [ "k=1", [ 3.0; 2.0; 1.0 ]; "k=4", [ 3.0; 2.0; 1.0 ] ])
                            ]))
                    [ "1 (display_data): text/html: chart: traces" ]
                    "ours, one more trace"

            testCase "images by size and pixels, JSON by keys and numbers"
            <| fun () ->
                Expect.isFalse (differs "image/png" (picture 16 100uy) (picture 16 101uy)) "nearly"
                Expect.isTrue (differs "image/png" (picture 16 100uy) (picture 16 120uy)) "another"
                Expect.isTrue (differs "image/png" (picture 16 100uy) (picture 17 100uy)) "size"
                Expect.isTrue (differs "image/png" (picture 16 100uy) (text "no image")) "broken"

                let svg x =
                    text $"<svg><path d=\"M 10.0001 {x}\"/></svg>"

                Expect.isFalse (differs "image/svg+xml" (svg "5.0") (svg "5.001")) "SVG"
                Expect.isTrue (differs "image/svg+xml" (svg "5.0") (svg "7.5")) "SVG"
                Expect.isFalse (differs "application/json" """{"a": [1, 0.5]}""" """{"a": [1, 0.50001]}""") "JSON"
                Expect.isTrue (differs "application/json" """{"a": [1, 0.5]}""" """{"a": [2, 0.5]}""") "JSON"
                Expect.isTrue (differs "application/json" """{"a": 1}""" """{"b": 1}""") "JSON"

            testCase "of a cell that varies only the structure counts"
            <| fun () ->
                let stored =
                    list
                        [
                            printed "stdout" "took 3 s\n"
                            shows "text/html" (text "<b>3</b>")
                            shows "image/png" (picture 16 0uy)
                        ]

                let now =
                    list
                        [
                            printed "stdout" "took 5 s\nand more\n"
                            shows "text/html" (text "<b>5</b>")
                            shows "image/png" (picture 16 200uy)
                        ]

                Expect.isEmpty (compare true stored now) "texts"

                let of' series =
                    list [ shows "text/html" (chart series) ]

                let two = [ "k=1", [ 1.0; 2.0 ] ]

                Expect.isEmpty
                    (compare true (of' two) (of' [ "k=1", [ 100.0; 7.0 ] ]))
                    "a chart's values, and its ticks"

                Expect.equal (compare true (of' two) (of' (two @ [ "k=4", [ 1.0; 2.0 ] ]))).Length 1 "a chart's traces"
                Expect.equal (compare false stored now).Length 3 "the same, strictly"

                Expect.equal
                    (compare
                        true
                        stored
                        (list [ shows "text/html" (text "<i>5</i>"); shows "image/png" (picture 17 0uy) ]))
                    [
                        "stdout: text"
                        "1 (display_data): text/html: HTML"
                        "2 (display_data): image/png: image size"
                    ]
                    "structure"
        ]
