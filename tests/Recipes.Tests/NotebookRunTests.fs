/// The headless runner: cells, timeouts, native code.
module Recipes.Tests.NotebookRunTests

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
        "notebook run"
        [
            testCase "cells that fail, promise, are passed over or print a million lines; the state is kept"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file =
                        write
                            folder
                            "all"
                            [
                                [ "parameters" ], "var scale = \"smoke\"; // how large\nvar n = 1;"
                                [], "Console.WriteLine($\"{scale} {n} {System.IO.File.Exists(\"all.ipynb\")}\");"
                                [ "raises-exception" ], "throw new InvalidOperationException(\"promised\");"
                                [ "raises-exception" ], "n++;"
                                [ "skip-execution" ], "not C#"
                                [], " "
                                [], "for (var i = 0; i < 1_000_000; i++) Console.WriteLine($\"line {i}\");\n\"done\""
                                [],
                                "async void Boom() { await Task.Delay(1); throw new Exception(\"async boom\"); }\nBoom();\nawait Task.Delay(500);"
                                [],
                                "var thread = new Thread(() => throw new Exception(\"thread boom\"));\nthread.Start(); thread.Join(); await Task.Delay(100);"
                                [], "int x = \"text\";"
                                [], "Console.WriteLine(n);"
                            ]

                    let before = File.ReadAllBytes file
                    let out = Path.Combine(folder, "out.ipynb")

                    let options =
                        NotebookRunOptions(
                            Out = out,
                            Parameters = [| "n=41" |],
                            KeepGoing = true,
                            OutputLimit = 60_000L
                        )

                    let run = wait (NotebookRunner.RunAsync(file, options))
                    Expect.sequenceEqual (File.ReadAllBytes file) before "the notebook itself"

                    Expect.equal
                        (statuses run)
                        [
                            CellRunStatus.Passed
                            CellRunStatus.Passed // the injected parameters
                            CellRunStatus.Passed
                            CellRunStatus.Passed
                            CellRunStatus.Failed
                            CellRunStatus.Skipped
                            CellRunStatus.Skipped
                            CellRunStatus.Passed
                            CellRunStatus.Failed
                            CellRunStatus.Failed
                            CellRunStatus.Failed
                            CellRunStatus.Passed
                        ]
                        $"{run}"

                    Expect.equal run.ExitCode 1 "exit code"
                    Expect.equal (text run.Cells[2]) "smoke 41 True\n" "parameters, and the notebook's folder"
                    Expect.equal run.Cells[4].Error.Name "NothingRaised" "a promise not kept"
                    Expect.equal (text run.Cells[5]) "old\n" "what is passed over keeps its outputs"
                    let lines = text run.Cells[7]
                    Expect.isLessThan lines.Length 61_000 "bounded"
                    Expect.stringContains lines "characters left out" "and says so"
                    Expect.stringStarts lines "line 0\n" "the start"
                    Expect.stringEnds lines "line 999999\n" "the end"

                    for cell, message in [ 8, "async boom"; 9, "thread boom"; 10, "CS0029" ] do
                        Expect.stringContains (run.Cells[cell].Error.ToString()) message "what went wrong"

                    Expect.stringContains (String.Join("\n", run.Cells[10].Error.Traceback)) "1,9" "line and column"
                    Expect.equal (text run.Cells[11]) "42\n" "the state"

                    let written = NotebookDocument.Load out
                    Expect.equal written.Cells.Count 12 "cells"
                    Expect.equal (CellText.Printed(written.Cells[11].Outputs, "stdout")) "42\n" "in the file"
                    Expect.equal written.Cells[11].ExecutionCount run.Cells[11].Cell.ExecutionCount "count"

                    let xml = Path.Combine(folder, "junit.xml")
                    JUnitReport.Write(xml, [| run |])
                    let suite = (junit xml).DocumentElement.FirstChild :?> XmlElement

                    Expect.equal
                        [
                            for a in [ "tests"; "failures"; "errors"; "skipped" ] -> suite.GetAttribute a
                        ]
                        [ "12"; "4"; "0"; "2" ]
                        "JUnit"

                    // With other parameters the injected cell is replaced.
                    Expect.equal (PreparedNotebook.Load(out, [| "scale=laptop" |]).Cells.Count) 12 "cells"

                    failsSaying [ "no such parameter; did you mean scale?" ] (fun () ->
                        wait (NotebookRunner.RunAsync(file, NotebookRunOptions(Parameters = [| "scal=x" |])))
                        |> ignore))

            testCase "a cell that never ends is stopped when its time is over, and the kernel goes on"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file = write folder "spin" [ [], "while (true) { }"; [], "1 + 1" ]
                    let notebook = PreparedNotebook.Load(file, [||])

                    let options =
                        NotebookRunOptions(CellTimeout = TimeSpan.FromSeconds 3.0, KeepGoing = true)

                    let run =
                        wait (
                            NotebookRunner.RunAsync(
                                notebook,
                                file,
                                options,
                                launch folder,
                                noOne,
                                CancellationToken.None
                            )
                        )

                    Expect.equal (statuses run) [ CellRunStatus.TimedOut; CellRunStatus.Passed ] $"{run}"
                    Expect.equal run.ExitCode 3 "exit code"
                    Expect.stringContains run.Cells[0].Error.Message "(--cell-timeout 3)" "why"
                    let outputs = NotebookDocument.Load(file).Cells[0].Outputs
                    Expect.equal (string outputs[outputs.Count - 1].["ename"]) "Timeout" "the only error"
                    Expect.equal outputs.Count 1 "the only error")

            testCase "the whole run's time is over before the kernel is ready"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file = write folder "late" [ [], "1"; [], "2" ]

                    let sleeper =
                        KernelLaunch("sh", [| "-c"; "sleep 100" |], folder, Grace = TimeSpan.FromSeconds 0.1)

                    let options = NotebookRunOptions(Timeout = TimeSpan.FromSeconds 0.2)

                    let run =
                        wait (
                            NotebookRunner.RunAsync(
                                PreparedNotebook.Load(file, [||]),
                                file,
                                options,
                                sleeper,
                                noOne,
                                CancellationToken.None
                            )
                        )

                    Expect.equal (statuses run) [ CellRunStatus.TimedOut; CellRunStatus.NotReached ] $"{run}"
                    Expect.equal run.ExitCode 3 "exit code"

                    Expect.stringContains
                        run.Cells[0].Error.Message
                        "the whole run's time is over (--timeout 0.2)"
                        "why"

                    Expect.equal (text run.Cells[1]) "old\n" "not reached")

            testCase "a cell in native code is killed; what came before is in the file"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file =
                        write
                            folder
                            "native"
                            [
                                [], "Console.WriteLine(\"first\");"
                                [],
                                "[System.Runtime.InteropServices.DllImport(\"libc\")] static extern int system(string line);\nConsole.WriteLine(\"sleeping\");\nsystem(\"sleep 1000\");"
                                [], "1 + 1"
                            ]

                    use stop = new CancellationTokenSource()

                    let observer =
                        { new INotebookRunObserver with
                            member _.Started _ = ()
                            member _.CellStarted _ = ()

                            member _.Output(_, output) =
                                match output with
                                | :? CellOutput.Printed as p when p.Text.Contains "sleeping" -> stop.Cancel()
                                | _ -> ()

                            member _.Tick(_, _) = ()
                            member _.CellEnded _ = ()
                        }

                    let clock = Stopwatch.StartNew()

                    let run =
                        wait (NotebookRunner.RunAsync(file, NotebookRunOptions(InPlace = true), observer, stop.Token))

                    Expect.equal
                        (statuses run)
                        [ CellRunStatus.Passed; CellRunStatus.Interrupted; CellRunStatus.NotReached ]
                        $"{run}"

                    Expect.equal run.ExitCode 130 "exit code"
                    Expect.stringContains run.Cells[1].Error.Message "was killed" "how"
                    Expect.isLessThan clock.Elapsed.TotalSeconds 60.0 "not a thousand seconds"

                    Expect.equal
                        [
                            for cell in NotebookDocument.Load(file).Cells -> CellText.Printed(cell.Outputs, "stdout")
                        ]
                        [ "first\n"; "sleeping\n"; "old\n" ]
                        "in the file")
        ]
