/// The headless runner: processes that die, checks of stored outputs, refusals.
module Recipes.Tests.NotebookCheckTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open System.Xml
open System.Xml.Schema
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Documents
open Recipes.Notebook.Running
open Recipes.Notebook.Running.Kernel
open Recipes.Tests.Support
open Recipes.Tests.NotebookRunDoubles

[<Tests>]
let tests =
    testList
        "notebook check"
        [
            testCase "the process dies in a cell: exit(3) seen by the command, a stack overflow"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file =
                        write folder "leaves" [ [], "Console.WriteLine(\"going\"); Environment.Exit(3);"; [], "1 + 1" ]

                    let code, output, errors =
                        command
                            folder
                            [
                                "notebook"
                                "run"
                                file
                                "--json"
                                "--junit"
                                "junit.xml"
                                "--html"
                                "page.html"
                            ]

                    Expect.equal code 1 errors
                    use json = JsonDocument.Parse output

                    let cells =
                        [
                            for cell in json.RootElement.GetProperty("cells").EnumerateArray() ->
                                cell.GetProperty("status").GetString()
                        ]

                    Expect.equal cells [ "kernelDied"; "notReached" ] "the document on standard output"
                    Expect.stringContains errors "ended with code 3 while this cell ran" "on standard error"

                    let suite =
                        (junit (Path.Combine(folder, "junit.xml"))).DocumentElement.FirstChild :?> XmlElement

                    Expect.equal (suite.GetAttribute "errors") "1" "JUnit"

                    let written =
                        NotebookDocument.Load(Path.Combine(folder, "runs", "notebooks", "leaves", "leaves.ipynb"))

                    Expect.equal (CellText.Printed(written.Cells[0].Outputs, "stdout")) "going\n" "printed before"
                    Expect.equal (CellText.Printed(written.Cells[1].Outputs, "stdout")) "old\n" "not reached"
                    let page = File.ReadAllText(Path.Combine(folder, "page.html"))
                    Expect.stringContains page "KernelDied" "the page"

                    let file =
                        write folder "deep" [ [], "Console.WriteLine(\"deep\"); int F(int x) => F(x + 1) + 1;\nF(0)" ]

                    let run = wait (NotebookRunner.RunAsync(file, NotebookRunOptions(InPlace = true)))
                    Expect.equal (statuses run) [ CellRunStatus.KernelDied ] $"{run}"
                    Expect.stringContains run.Cells[0].Error.Message "Stack overflow." "why"
                    Expect.equal (text run.Cells[0]) "deep\n" "printed before")

            testCase "check finds a changed text and one more trace, ignores a seventh digit"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let chart traces =
                        $"#!html\n<figure class=\"chart\"><script type=\"application/json\">{{\"data\": [{traces}], \"layout\": {{}}}}</script></figure>"

                    let trace = """{"type": "scatter", "name": "a", "y": [1, 2]}"""

                    let cells =
                        [
                            "Console.WriteLine(\"loss 0.1234567\");",
                            CellOutput.Printed("stdout", "loss 0.1234568\n") :> CellOutput
                            "Console.WriteLine(\"new text\");", CellOutput.Printed("stdout", "old text\n")
                            chart (trace + "," + trace),
                            CellOutput.Display(MimeBundle.Of("text/html", (chart trace).Substring 7), null)
                            "1 + 1", CellOutput.Result(MimeBundle.Text "2", 4)
                            "throw new Exception(\"as stored\");",
                            CellOutput.Error("System.Exception", "as stored", [||])
                        ]

                    let document = NotebookDocument.New()

                    for source, output in cells do
                        let cell = document.Add(CellKind.Code, source)
                        OutputRecorder().Record(cell, output)

                        if source.StartsWith "throw" then
                            cell.Tags <- [| "raises-exception" |]

                    let file = Path.Combine(folder, "stored.ipynb")
                    document.Save file
                    let before = File.ReadAllBytes file
                    let result = wait (NotebookCheck.RunAsync file)

                    Expect.equal
                        [ for d in result.Differences -> d.Cell, d.What, d.Stored, d.Now ]
                        [
                            2, "text", "old text", "new text"
                            3, "text/html: chart: traces", "1 (scatter 'a')", "2 (scatter 'a', scatter 'a')"
                        ]
                        $"{result}"

                    Expect.equal (result.ExitCode, result.Compared) (1, 5) "exit code"
                    Expect.sequenceEqual (File.ReadAllBytes file) before "the file stays"
                    Expect.stringContains (result.ToString()) "cell 2: Console.WriteLine(\"new text\");" "readable"

                    let all =
                        NotebookCheckResults(2, [| result; NotebookCheckResult("bad.ipynb", null, 0, [||], "why") |])

                    Expect.equal all.ExitCode 2 "bad input before differences"
                    use json = JsonDocument.Parse(all.ToJson())
                    let first = json.RootElement.GetProperty("notebooks").[0]
                    Expect.equal (first.GetProperty("differences").GetArrayLength()) 2 "JSON"
                    Expect.equal (NotebookCheckResults(2, [| result |]).ExitCode) 130 "not all were run"

                    let hidden = Path.Combine(folder, ".ipynb_checkpoints")
                    Directory.CreateDirectory hidden |> ignore
                    File.Copy(file, Path.Combine(hidden, "stored.ipynb"))
                    Expect.sequenceEqual (NotebookCheck.Find [| folder; file |]) [ file ] "found once"

                    failsSaying
                        [
                            "no .ipynb file in this folder"
                            "nowhere: no such file"
                            "a.dib: expected an .ipynb"
                        ]
                        (fun () ->
                            let empty = Path.Combine(folder, "empty")
                            Directory.CreateDirectory empty |> ignore
                            let dib = Path.Combine(folder, "a.dib")
                            File.WriteAllText(dib, "1")
                            NotebookCheck.Find [| empty; "nowhere"; dib |] |> ignore))

            testCase "what cannot run is refused before anything starts"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let run (file: string) options =
                        wait (NotebookRunner.RunAsync(Path.Combine(folder, file), options)) |> ignore

                    let write' (name: string) (text: string) =
                        File.WriteAllText(Path.Combine(folder, name), text)

                    write'
                        "python.ipynb"
                        """{"cells": [{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": "1"}], "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}, "nbformat": 4, "nbformat_minor": 4}"""

                    write' "some.dib" "#!csharp\n1"
                    let options = NotebookRunOptions()
                    failsSaying [ "'python': cell 1"; "skip-execution" ] (fun () -> run "python.ipynb" options)
                    failsSaying [ "no such file" ] (fun () -> run "none.ipynb" options)
                    failsSaying [ "is a folder" ] (fun () -> run "." options)

                    failsSaying
                        [
                            "--in-place: .dib files store no outputs"
                            "--cell-timeout 0"
                            "--output-limit 0"
                        ]
                        (fun () ->
                            run
                                "some.dib"
                                (NotebookRunOptions(InPlace = true, CellTimeout = TimeSpan.Zero, OutputLimit = 0L)))

                    failsSaying [ "--in-place and --out"; "--out x.dib: expected an .ipynb" ] (fun () ->
                        run "some.dib" (NotebookRunOptions(InPlace = true, Out = "x.dib")))

                    failsSaying [ "no cell has stored outputs"; "--in-place" ] (fun () ->
                        let document = NotebookDocument.New()
                        document.Add(CellKind.Code, "1") |> ignore
                        document.Save(Path.Combine(folder, "bare.ipynb"))
                        wait (NotebookCheck.RunAsync(Path.Combine(folder, "bare.ipynb"))) |> ignore)

                    let code, output, _ = command folder [ "notebook"; "run"; "some.dib"; "-p"; "n=1" ]

                    Expect.equal code 2 output

                    let file =
                        write folder "help" [ [ "parameters" ], "var scale = \"smoke\"; // how large" ]

                    let code, output, _ = command folder [ "notebook"; "run"; "--help"; file ]
                    Expect.equal code 0 output
                    Expect.stringContains output "--cell-timeout" "the usual help"
                    Expect.stringContains output "scale  string   smoke  how large" "the notebook's parameters")
        ]
