/// Parameters of notebooks: what the parsers find, what is refused, and the cell that a run injects.
module Recipes.Tests.NotebookParameterTests

open System
open Expecto
open Recipes.Notebook.Documents
open Recipes.Notebook.Running.Parameters
open Recipes.Tests.Support

let private found (bindings: Binding seq) =
    [ for b in bindings -> b.Name, b.Type.Name, ParameterType.Show b.Value, b.Help ]

/// A document of code cells with a tag each; an empty tag is none.
let private document language (cells: (string * string) list) =
    let document = NotebookDocument.New language

    for tag, source in cells do
        let cell = document.Add(CellKind.Code, source)

        if tag <> "" then
            cell.Tags <- [| tag |]

    document

let private csharp =
    "var scale = \"smoke\"; // smoke, laptop or paper\n\
     int n = 3;\n\
     // above\n// and on\nlong seed = 17; \n\
     double rate = 0.1; /* of learning */\n\
     // far away\n\n\
     float small = 1;\n\
     decimal price = 1.5m;\n\
     bool on = true;\n\
     string? data = null;\n\
     var minus = -1.5e-3;\n\
     var raw = @\"a\"\"b\";\n\
     #!time\n\
     int a = 1, b = 2;\n\
     var computed = 1 + n;\n\
     var odd = 1u;\n\
     int wrong = \"text\";\n\
     int F(int x) { var inner = 1; return inner; }\n\
     Console.WriteLine(n);"

let private fsharp =
    "let scale = \"smoke\" // smoke, laptop or paper\n\
     let n = 3\n\
     // above\nlet seed = 17L\n\
     let rate: float = 0.1 (* of learning *)\n\
     let small = 1.0f\n\
     let price : decimal = 1.5m\n\
     let mutable on = true\n\
     let data : string = null\n\
     let minus = -1.5e-3\n\
     let million = 1_000_000\n\
     let path = @\"a\\b\"\n\
     let lines = \"a\\tb // no comment\"\n\
     let long = \"\"\"three\nlet inside = 1\n\"\"\"\n\
     (* let inside = 2\nlet inside = 3 *)\n\
     let computed = 1 + n\n\
     let f x =\n    let inner = 1\n    inner\n\
     printfn \"%d\" n"

[<Tests>]
let tests =
    testList
        "notebook parameters"
        [
            testCase "C# literals of every type, with their comments, and nothing else"
            <| fun () ->
                Expect.equal
                    (found (CSharpBindings.Of csharp))
                    [
                        "scale", "string", "smoke", "smoke, laptop or paper"
                        "n", "int", "3", ""
                        "seed", "long", "17", "above and on"
                        "rate", "double", "0.1", "of learning"
                        "small", "float", "1", ""
                        "price", "decimal", "1.5", ""
                        "on", "bool", "true", ""
                        "data", "string", "null", ""
                        "minus", "double", "-0.0015", ""
                        "raw", "string", "a\"b", ""
                        "a", "int", "1", ""
                        "b", "int", "2", ""
                    ]
                    "bindings"

            testCase "F# literals of every type, with their comments, and nothing else"
            <| fun () ->
                Expect.equal
                    (found (FSharpBindings.Of fsharp))
                    [
                        "scale", "string", "smoke", "smoke, laptop or paper"
                        "n", "int", "3", ""
                        "seed", "long", "17", "above"
                        "rate", "double", "0.1", "of learning"
                        "small", "float", "1", ""
                        "price", "decimal", "1.5", ""
                        "on", "bool", "true", ""
                        "data", "string", "null", ""
                        "minus", "double", "-0.0015", ""
                        "million", "int", "1000000", ""
                        "path", "string", "a\\b", ""
                        "lines", "string", "a\tb // no comment", ""
                    ]
                    "bindings"

            testCase "values become literals of the cell's language, in a cell of their own after it"
            <| fun () ->
                let given =
                    [|
                        "scale=say \"hi\"\\\n"
                        "seed=-5"
                        "rate=2"
                        "on=False"
                        "small=NaN"
                        "price=0.10"
                        "data=a=b"
                    |]

                for language, code, lines in
                    [
                        "csharp",
                        csharp,
                        [
                            "string scale = \"say \\\"hi\\\"\\\\\\n\";"
                            "long seed = -5L;"
                            "double rate = 2.0;"
                            "float small = float.NaN;"
                            "decimal price = 0.10m;"
                            "bool on = false;"
                            "string data = \"a=b\";"
                        ]
                        "fsharp",
                        fsharp,
                        [
                            "let scale = \"say \\\"hi\\\"\\\\\\n\""
                            "let seed = -5L"
                            "let rate = 2.0"
                            "let small = nanf"
                            "let price = 0.10m"
                            "let on = false"
                            "let data = \"a=b\""
                        ]
                    ] do
                    let document =
                        document language [ "", "1"; "parameters", code; "injected-parameters", "// old"; "", "2" ]

                    NotebookParameters.Set(document, "file.ipynb", given)
                    let cell = document.Cells[2]
                    Expect.equal cell.Source (String.Join("\n", "// Parameters of this run" :: lines)) language
                    Expect.sequenceEqual cell.Tags [ "injected-parameters" ] "tag"
                    Expect.equal cell.Language language "language"
                    Expect.equal document.Cells.Count 4 "the old one is gone"
                    Expect.equal (NotebookParameters.Values(document).["rate"]) "2" "what the run uses"

                    // What is injected is read back as the same values.
                    Expect.equal
                        (found (ParameterCell(cell).Bindings)
                         |> List.map (fun (name, _, value, _) -> name, value))
                        [
                            "scale", "say \"hi\"\\\n"
                            "seed", "-5"
                            "rate", "2"
                            if language = "csharp" then
                                "price", "0.10"
                                "on", "false"
                                "data", "a=b"
                            else
                                "price", "0.10"
                                "on", "false"
                                "data", "a=b"
                        ]
                        "read back; NaN is no literal"

            testCase "several parameter cells, of two languages, each get theirs"
            <| fun () ->
                let document =
                    document
                        "csharp"
                        [
                            "parameters", "int n = 1; string scale = \"smoke\";"
                            "parameters", "#!fsharp\nlet n = 1\nlet other = 2"
                            "parameters", "var last = 0;"
                        ]

                NotebookParameters.Set(document, "file.ipynb", [| "n=7"; "last=8" |])

                Expect.equal
                    [ for c in document.Cells -> c.Language, Seq.last (c.Source.Split '\n') ]
                    [
                        "csharp", "int n = 1; string scale = \"smoke\";"
                        "csharp", "int n = 7;"
                        "fsharp", "let other = 2"
                        "fsharp", "let n = 7"
                        "csharp", "var last = 0;"
                        "csharp", "int last = 8;"
                    ]
                    "cells"

                Expect.equal
                    [ for p in NotebookParameters.Of document -> p.Name ]
                    [ "n"; "scale"; "other"; "last" ]
                    "each name once"

            testCase "all that does not fit is said at once, and nothing changes"
            <| fun () ->
                let document =
                    document "csharp" [ "parameters", csharp; "injected-parameters", "int n = 9;" ]

                failsSaying
                    [
                        "file.ipynb"
                        "-p seeed: no such parameter; did you mean seed?"
                        "-p n: expected an int, found '1.5'"
                        "-p seed: expected a long, found '99999999999999999999'"
                        "-p rate: expected a double, found 'fast'"
                        "-p on: expected a bool, found '1'"
                        "-p price: given twice, as '1' and '2'"
                        "-p alone: expected name=value"
                        "-p =3: expected name=value"
                        "known: scale (string), n (int), seed (long)"
                    ]
                    (fun () ->
                        NotebookParameters.Set(
                            document,
                            "file.ipynb",
                            [|
                                "seeed=1"
                                "n=1.5"
                                "seed=99999999999999999999"
                                "rate=fast"
                                "on=1"
                                "price=1"
                                "price=2"
                                "alone"
                                "=3"
                            |]
                        ))

                Expect.equal document.Cells.Count 2 "cells"

                Expect.equal
                    (NotebookParameters.Values(document).["n"])
                    "9"
                    "the injected value of an earlier run holds"

                failsSaying [ "known: none"; "tagged 'parameters'" ] (fun () ->
                    NotebookParameters.Set(NotebookDocument.New(), "file.ipynb", [| "n=1" |]))
        ]
