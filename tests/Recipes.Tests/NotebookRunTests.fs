/// Running and checking notebooks with the real engine in its own process.
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

let private wait (task: Tasks.Task<'a>) = task.GetAwaiter().GetResult()

/// Writes a notebook of code cells, each with its tags, and with one stored output "old".
let private write (folder: string) name (cells: (string list * string) list) =
    let document = NotebookDocument.New()

    for tags, source in cells do
        let cell = document.Add(CellKind.Code, source)
        cell.Tags <- List.toArray tags
        OutputRecorder().Record(cell, CellOutput.Printed("stdout", "old\n"))

    let path = Path.Combine(folder, name + ".ipynb")
    document.Save path
    path

let private statuses (run: NotebookRun) = [ for c in run.Cells -> c.Status ]

let private text (cell: CellRun) =
    CellText.Printed(cell.Cell.Outputs, "stdout")

/// Patient with a busy machine: only what is asked for ends a cell.
let private launch folder =
    KernelLaunch.Recipes(folder, "csharp")
    |> fun l -> KernelLaunch(l.FileName, l.Arguments, folder, Grace = TimeSpan.FromSeconds 30.0)

let private noOne: INotebookRunObserver = Unchecked.defaultof<_>

/// The usual schema of JUnit's files, as CI systems check it.
let private junitSchema =
    """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="problem"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message"/><xs:attribute name="type"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:attributeGroup name="counts">
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="time" type="xs:decimal"/>
  </xs:attributeGroup>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
          <xs:attribute name="name" use="required"/><xs:attribute name="value" use="required"/></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:choice minOccurs="0"><xs:element name="skipped" type="problem"/><xs:element name="error" type="problem"/><xs:element name="failure" type="problem"/></xs:choice>
        <xs:element name="system-out" type="xs:string" minOccurs="0"/><xs:element name="system-err" type="xs:string" minOccurs="0"/>
      </xs:sequence><xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/><xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="name" use="required"/><xs:attribute name="timestamp" type="xs:dateTime"/><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
  </xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
</xs:schema>"""

/// Reads a JUnit file, which must fit the schema.
let private junit (path: string) =
    let document = XmlDocument()
    use schema = new StringReader(junitSchema)
    document.Schemas.Add("", XmlReader.Create schema) |> ignore
    document.Load path
    document.Validate(fun _ e -> failtest e.Message)
    document

let private command (folder: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            Path.Combine(root, "bin", "Recipes.Cli.dll") :: arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use child = Process.Start info
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

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
