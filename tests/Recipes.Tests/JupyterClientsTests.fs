/// The kernels as registered, started and driven by programs that no one here wrote.
module Recipes.Tests.JupyterClientsTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes.Tests.JupyterDoubles
open Recipes.Tests.Support
open Recipes.Tests.JupyterClientDoubles

let private commands =
    testList
        "commands"
        [
            testCase "install registers both kernels, again without a trace, and uninstall removes only ours"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let kernels = Path.Combine(folder, "share", "jupyter", "kernels")
                    let at name = Path.Combine(kernels, name)
                    install folder
                    Directory.CreateDirectory(at "other") |> ignore
                    File.WriteAllText(Path.Combine(at "other", "kernel.json"), """{"argv":["x"],"display_name":"X"}""")
                    Directory.CreateDirectory(at "broken") |> ignore
                    File.WriteAllText(Path.Combine(at "broken", "kernel.json"), "{")
                    let code, output, errors = kernel folder [ "install"; "--prefix"; folder; "--json" ]
                    Expect.equal code 0 errors
                    Expect.equal (JsonNode.Parse(output).AsArray().Count) 2 "one JSON document, two kernels"

                    for name, display, language, word in
                        [
                            ".net-csharp", ".NET (C#)", "C#", "csharp"
                            ".net-fsharp", ".NET (F#)", "F#", "fsharp"
                        ] do
                        let spec = JsonNode.Parse(File.ReadAllText(Path.Combine(at name, "kernel.json")))
                        let field (key: string) = string spec[key]

                        Expect.equal
                            (field "display_name", field "language", field "interrupt_mode")
                            (display, language, "message")
                            name

                        let argv = spec["argv"].AsArray() |> Seq.map string |> Seq.toList
                        Expect.isTrue (File.Exists argv[0] && Path.IsPathRooted argv[0]) "dotnet"
                        Expect.isTrue (File.Exists argv[1]) "the command"

                        Expect.equal
                            (List.skip 2 argv)
                            [ "notebook"; "kernel"; "start"; "--language"; word; "{connection_file}" ]
                            "argv"

                        let files = Directory.GetFiles(at name) |> Array.map Path.GetFileName |> Array.sort

                        Expect.equal
                            files
                            [| "kernel.json"; "logo-32x32.png"; "logo-64x64.png"; "logo-svg.svg" |]
                            "files"

                        use logo = SkiaSharp.SKBitmap.Decode(Path.Combine(at name, "logo-64x64.png"))
                        Expect.equal (logo.Width, logo.Height) (64, 64) "logo"
                        Expect.notEqual (logo.GetPixel(2, 32)) (logo.GetPixel(20, 16)) "something is drawn"

                    let listed () =
                        let _, output, _ = kernel folder [ "list"; "--prefix"; folder; "--json" ]
                        [ for spec in JsonNode.Parse(output).AsArray() -> string spec["name"] ]

                    Expect.equal (listed ()) [ ".net-csharp"; ".net-fsharp"; "other" ] "listed"

                    let code, _, errors =
                        kernel folder [ "uninstall"; "--prefix"; folder; "other"; ".net-cshrap" ]

                    Expect.equal code 2 "refused"
                    Expect.stringContains errors "other: not ours" "why"
                    Expect.stringContains errors "did you mean .net-csharp?" "why"
                    let code, _, errors = kernel folder [ "uninstall"; "--prefix"; folder ]
                    Expect.equal code 0 errors
                    Expect.equal (listed ()) [ "other" ] "only the other is left"
                    Expect.equal (Directory.GetDirectories(kernels).Length) 2 "nothing half-written")

            testCase "wrong usage exits with 2 and says what is right"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    for fragment, arguments in
                        [
                            "a name is for one kernel", [ "install"; "--name"; "x" ]
                            "letters, digits", [ "install"; "--language"; "csharp"; "--name"; "a/b" ]
                            "did you mean csharp?", [ "install"; "--language"; "csharpp" ]
                            "give one of them", [ "install"; "--user"; "--sys-prefix" ]
                            "cannot be written", [ "install"; "--prefix"; "/proc/recipes" ]
                            "not a connection file", [ "start"; "none.json" ]
                            "did you mean fsharp?", [ "start"; "none.json"; "--language"; "fsharpp" ]
                        ] do
                        let code, _, errors = kernel folder arguments
                        Expect.equal code 2 $"{arguments}: {errors}"
                        Expect.stringContains errors fragment $"{arguments}"

                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is left behind")

            testCase "a second start on the same file exits with 2; the first goes on; Ctrl-C interrupts, SIGTERM ends"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "connection.json")
                    File.WriteAllText(path, connectionText "k")
                    use first = start "dotnet" folder (commandLine [ "start"; path ])

                    // A failure must not leave a kernel behind that spins.
                    use _ =
                        { new IDisposable with
                            member _.Dispose() =
                                if not first.HasExited then
                                    first.Kill true
                        }

                    use client = new Client(File.ReadAllText path)

                    let signal name =
                        Process.Start("kill", [ $"-{name}"; string first.Id ]).WaitForExit()

                    let answers () =
                        let reply, outputs = client.Run "Console.WriteLine(6 * 7)"
                        Expect.equal (reply.Text "status") "ok" "status"
                        Expect.exists outputs (fun m -> m.Type = "stream" && m.Text "text" = "42\n") "printed"

                    while (client.Next(client.Iopub, "welcome")).Type <> "iopub_welcome" do
                        ()

                    answers ()
                    let code, _, errors = kernel folder [ "start"; path ]
                    Expect.equal code 2 "the second"
                    Expect.stringContains errors "another process listens there" "why"

                    let looping =
                        client.Send(client.Shell, "execute_request", """{"code":"while (true) { }"}""")

                    while (client.Next(client.Iopub, "input")).Type <> "execute_input" do
                        ()

                    Thread.Sleep 200
                    signal "INT"
                    let stopped = client.Next(client.Shell, "reply")

                    Expect.equal
                        (stopped.Parent, stopped.Text "ename")
                        (looping, "Interrupted")
                        "Ctrl-C interrupts the cell"

                    answers ()
                    signal "TERM"
                    Expect.isTrue (first.WaitForExit 10_000) "it ends"
                    Expect.equal (first.ExitCode, first.StandardOutput.ReadToEnd()) (0, "") "in good order, silently")
        ]

let private clients =
    testList
        "clients"
        [
            for language in [ "csharp"; "fsharp" ] do
                testCase $"jupyter_client drives {language}: cells, help, input, interrupt, restart, shutdown"
                <| fun () ->
                    let python = python "jupyter_client"

                    inTemporaryFolder (fun folder ->
                        install folder

                        let code, output, errors =
                            run python folder [ script "protocol.py"; $".net-{language}"; language ]

                        printfn $"{language}:\n{output}"
                        Expect.equal code 0 (output + errors)
                        Expect.stringContains output "ok shutdown" "all checks ran")

            testCase "nbconvert runs a notebook of both languages"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let notebook = nbconvert folder (script "two-languages.ipynb")

                    let shown =
                        outputs notebook
                        |> List.map (List.map (fun o -> o.ToJsonString()) >> String.concat "")

                    for index, parts in
                        [
                            1, [ "6 squares"; "91" ]
                            2, [ "6 squares in F#"; "36" ]
                            3, [ "text/html" ]
                            4, [ "expected here" ]
                        ] do
                        for part in parts do
                            Expect.stringContains shown[index] part $"cell {index}"

                    let language = notebook["metadata"]["language_info"]
                    Expect.equal (string language["file_extension"]) ".cs" "language")

            for path in Directory.GetFiles(Path.Combine(root, "notebooks"), "*.ipynb") |> Array.sort do
                testCase $"nbconvert runs {Path.GetFileName path} at smoke scale, with outputs of the stored kinds"
                <| fun () ->
                    // Beside notebooks/, so that its relative paths lead where they did.
                    let beside = Directory.CreateDirectory(Path.Combine(root, "TestResults")).FullName
                    let copy = Path.Combine(beside, Path.GetFileName path)
                    let stored = File.ReadAllText path
                    let smoke = stored.Replace("scale = \\\"laptop\\\"", "scale = \\\"smoke\\\"")
                    Expect.notEqual smoke stored "the parameter is there"
                    File.WriteAllText(copy, smoke)

                    inTemporaryFolder (fun folder ->
                        let kinds (notebook: JsonNode) =
                            outputs notebook |> List.map (List.map (fun o -> string o["output_type"]))

                        Expect.equal
                            (kinds (nbconvert folder copy))
                            (kinds (JsonNode.Parse stored))
                            "outputs, cell by cell")

            testCase "the classic Notebook in Chromium: Run is clicked, the chart is alive"
            <| fun () ->
                let python = python "notebook, selenium"

                inTemporaryFolder (fun folder ->
                    install folder
                    File.Copy(script "two-languages.ipynb", Path.Combine(folder, "two-languages.ipynb"))
                    let pictures = Directory.CreateDirectory(Path.Combine(root, "TestResults")).FullName
                    let picture = Path.Combine(pictures, "notebook.png")

                    let code, output, errors =
                        run python folder [ script "browser.py"; "two-languages.ipynb"; picture ]

                    Expect.equal code 0 (output + errors)

                    for part in [ "6 squares in F#"; "expected here"; "charts: 1" ] do
                        Expect.stringContains output part "on the page"

                    printfn $"screenshot: {picture}")
        ]

[<Tests>]
let tests = testSequenced (testList "jupyter clients" [ commands; clients ])
