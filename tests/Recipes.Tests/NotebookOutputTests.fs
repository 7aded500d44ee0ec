module Recipes.Tests.NotebookOutputTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Documents
open Recipes.Tests.Support

let private printed name text =
    CellOutput.Printed(name, text) :> CellOutput

let private display text id =
    CellOutput.Display(MimeBundle.Text text, id) :> CellOutput

let private update text id =
    CellOutput.Update(MimeBundle.Text text, id) :> CellOutput

let private twoCells () =
    let document = NotebookDocument.New()
    document.Add(CellKind.Code, "a"), document.Add(CellKind.Code, "b"), OutputRecorder()

let private texts (cell: NotebookCell) =
    [
        for o in cell.Outputs ->
            match o["output_type"].GetValue<string>() with
            | "stream" -> o["name"].GetValue<string>() + ":" + Multiline.Read o["text"]
            | "error" -> "error:" + o["evalue"].GetValue<string>()
            | kind -> kind + ":" + Multiline.Read(o["data"]["text/plain"])
    ]

[<Tests>]
let tests =
    testList
        "notebook outputs"
        [
            testCase "every output as nbformat stores it"
            <| fun () ->
                let cell, _, recorder = twoCells ()
                let data = JsonObject()
                data["text/plain"] <- JsonValue.Create "a\nb"
                data["image/png"] <- JsonValue.Create "iVBO\n"
                data["application/json"] <- JsonObject()
                recorder.Record(cell, printed "stdout" "1\n2")
                recorder.Record(cell, CellOutput.Result(MimeBundle(data, JsonObject()), 7))
                recorder.Record(cell, CellOutput.Error("E", "no", [ "l1"; "l2" ]))

                Expect.equal
                    (JsonText.Line cell.Outputs)
                    ("""[{"name":"stdout","output_type":"stream","text":["1\n","2"]},"""
                     + """{"data":{"application/json":{},"image/png":"iVBO\n","text/plain":["a\n","b"]},"execution_count":7,"metadata":{},"output_type":"execute_result"},"""
                     + """{"ename":"E","evalue":"no","output_type":"error","traceback":["l1","l2"]}]""")
                    "outputs"

                Expect.equal cell.ExecutionCount (Nullable 7) "count"

            testCase "texts of one stream in a row are one output"
            <| fun () ->
                let cell, _, recorder = twoCells ()

                for name, text in
                    [
                        "stdout", "a"
                        "stdout", "b\nc"
                        "stdout", "d\n"
                        "stdout", ""
                        "stderr", "e"
                        "stdout", "f"
                    ] do
                    recorder.Record(cell, printed name text)

                Expect.equal (texts cell) [ "stdout:ab\ncd\n"; "stderr:e"; "stdout:f" ] "outputs"
                Expect.equal (JsonText.Line(cell.Outputs[0]["text"])) """["ab\n","cd\n"]""" "lines"

            testCase "an update replaces every display of its id, in every cell; others and unknown ids are left alone"
            <| fun () ->
                let first, second, recorder = twoCells ()
                recorder.Record(first, display "0 %" "p")
                recorder.Record(first, display "other" null)
                recorder.Record(second, display "0 %" "p")
                recorder.Record(second, update "50 %" "p")
                recorder.Record(second, update "x" "unknown")
                Expect.equal (texts first) [ "display_data:50 %"; "display_data:other" ] "first"
                Expect.equal (texts second) [ "display_data:50 %" ] "second"
                Expect.isFalse (first.Outputs.ToJsonString().Contains "\"p\"") "ids are not stored"
                recorder.Start first
                recorder.Record(second, update "100 %" "p")

                Expect.equal
                    (texts first, texts second)
                    ([], [ "display_data:100 %" ])
                    "a started cell forgets its displays"

            testCase "clear removes at once, or when the next output comes"
            <| fun () ->
                let cell, _, recorder = twoCells ()
                recorder.Record(cell, printed "stdout" "a")
                recorder.Record(cell, CellOutput.Clear true)
                Expect.equal (texts cell) [ "stdout:a" ] "it waits"
                recorder.Record(cell, printed "stdout" "b")
                Expect.equal (texts cell) [ "stdout:b" ] "replaced"
                recorder.Record(cell, CellOutput.Clear false)
                Expect.equal (texts cell) [] "at once"

            testCase "a million small prints cost time in proportion"
            <| fun () ->
                let cell, _, recorder = twoCells ()
                let clock = Stopwatch.StartNew()

                for i in 1..1_000_000 do
                    recorder.Record(cell, printed "stdout" (if i % 100_000 = 0 then ".\n" else "."))

                Expect.isLessThan clock.Elapsed patience "time"
                Expect.equal (Multiline.Read(cell.Outputs[0]["text"])).Length 1_000_010 "all kept"

            testCase "half a pair of surrogates is kept as an escape"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let document = NotebookDocument.New()
                    let cell = document.Add(CellKind.Code, "a")
                    OutputRecorder().Record(cell, printed "stdout" $"x{char 0xD83D}y😀")
                    let path = Path.Combine(folder, "n.ipynb")
                    document.Save path
                    Expect.stringContains (File.ReadAllText path) "\"x\\ud83dy😀\"" "written"
                    let back = (NotebookDocument.Load path).Cells[0].Outputs[0]["text"]
                    Expect.equal (Multiline.Read back) "x\ufffdy😀" "read")
        ]
