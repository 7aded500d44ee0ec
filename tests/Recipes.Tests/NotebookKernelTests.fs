/// The runner and its kernel process: the connection, what a process can do wrong, and what is kept of long outputs.
module Recipes.Tests.NotebookKernelTests

open System
open System.Collections.Generic
open System.IO
open System.IO.Pipes
open System.Text
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Running
open Recipes.Notebook.Running.Kernel
open Recipes.Tests.NotebookKernelDoubles
open Recipes.Tests.Support

let private wait (task: Tasks.Task<'a>) = task.GetAwaiter().GetResult()

/// A process that does what a shell line says; the pipe's name is its $0.
let private shell folder (line: string) =
    KernelLaunch("sh", [| "-c"; line |], folder, Start = TimeSpan.FromSeconds 10.0, Grace = TimeSpan.FromSeconds 0.2)

let private execution (kernel: KernelProcess) (shown: List<struct (int * CellOutput)>) cancellation =
    CellExecution(kernel, Action<_, _>(fun id output -> shown.Add(struct (id, output))), ignore, cancellation)

/// How a process that this line starts looks to the runner, which waits for it to be ready.
let private ready folder (launch: KernelLaunch) =
    let kernel = KernelProcess.Start launch

    try
        let outcome =
            wait ((execution kernel (List()) CancellationToken.None).Ready(Nullable()))

        outcome, kernel.Alive, kernel.LastWords |> List.ofSeq
    finally
        kernel.DisposeAsync().AsTask().Wait()

/// Connects to the pipe whose name a shell line wrote to the file.
let private connect (file: string) =
    while not (File.Exists file && (File.ReadAllText file).EndsWith '\n') do
        Thread.Sleep 5

    let pipe =
        new NamedPipeClientStream(
            ".",
            (File.ReadAllText file).Trim(),
            PipeDirection.InOut,
            PipeOptions.Asynchronous ||| PipeOptions.CurrentUserOnly
        )

    pipe.Connect 5000
    pipe

/// Cells that are words of a script.
type private ScriptedSession() =
    let stop = new ManualResetEventSlim()
    let mutable first: ICellHost option = None
    let mutable count = 0

    interface ICellSession with
        member _.DefaultLanguage = "csharp"
        member _.ExecutionCount = count

        member _.Run(request, host) =
            count <- count + 1

            match request.Code with
            | "lines" ->
                first <- Some host

                for i in 1..1_000_000 do
                    host.Emit(printed "a line\n")
            | "late" -> first.Value.Emit(printed "late")
            | "throws" -> failwith "out of the session"
            | "halves" ->
                host.Emit(printed "\ud83d")
                host.Emit(printed "\ude00")
            | "bad" ->
                host.Emit(
                    CellOutput.Display(
                        MimeBundle(JsonObject([ KeyValuePair("x", JsonValue.Create nan :> JsonNode) ]), JsonObject()),
                        null
                    )
                )
            | "waits" ->
                host.Emit(printed "waiting")
                stop.Wait()
            | code -> host.Emit(CellOutput.Result(MimeBundle.Text code, count))

            if stop.IsSet then
                stop.Reset()
                CellOutcome(CellStatus.Interrupted, count)
            else
                CellOutcome(CellStatus.Ok, count)

        member _.Interrupt() = stop.Set()
        member _.Complete(_, cursor, _, _) = Completions.None cursor
        member _.Inspect(_, _, _, _) = null
        member _.IsComplete(_, _) = Completeness.Complete
        member _.Dispose() = ()

[<Tests>]
let tests =
    testList
        "notebook kernel"
        [
            testCase "a process that ends, says nothing or breaks the protocol is reported, never waited for"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let says (line: string) = ready folder (shell folder line)

                    let outcome, alive, words = says "echo broken >&2; exit 7"

                    Expect.equal
                        (outcome.Status, outcome.How, alive)
                        (KernelStatus.Died, "ended with code 7", false)
                        "ends"

                    Expect.equal words [ "broken" ] "its last words"

                    let outcome, _, _ = says "kill -9 $$"

                    Expect.equal
                        outcome.How
                        "ended with code 137 (SIGKILL: out of memory, or ended by someone)"
                        "killed"

                    let silent =
                        KernelLaunch("sh", [| "-c"; "sleep 100" |], folder, Start = TimeSpan.FromSeconds 0.3)

                    let outcome, alive, _ = ready folder silent
                    Expect.equal (outcome.How, alive) ("did not answer within 0.3 s", false) "says no hello"

                    failsSaying [ "does not start"; "no-such-program" ] (fun () ->
                        ready folder (KernelLaunch("no-such-program", [||], folder)) |> ignore)

                    for message, how in
                        [
                            "", "closed its connection but ran on"
                            "nonsense\n", "broke the protocol"
                            "{\"kind\": \"surprise\"}\n", "message 'surprise' is not known"
                        ] do
                        let name = Path.Combine(folder, Guid.NewGuid().ToString())
                        let kernel = KernelProcess.Start(shell folder $"echo $0 > {name}; sleep 100")
                        use pipe = connect name
                        pipe.Write(Encoding.UTF8.GetBytes message)
                        pipe.Flush()

                        if message = "" then
                            pipe.Dispose()

                        let outcome =
                            wait ((execution kernel (List()) CancellationToken.None).Ready(Nullable()))

                        Expect.stringContains outcome.How how message
                        kernel.DisposeAsync().AsTask().Wait())

            testCase "the end of a process is seen though another one holds its pipe"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let name = Path.Combine(folder, "name")

                    let kernel =
                        KernelProcess.Start(shell folder $"echo $0 > {name}; sleep 0.3; exit 3")

                    use pipe = connect name

                    let outcome =
                        wait ((execution kernel (List()) CancellationToken.None).Ready(Nullable()))

                    Expect.equal outcome.Status KernelStatus.Died "ended"
                    Expect.stringContains outcome.How "3" "its code"
                    kernel.DisposeAsync().AsTask().Wait())

            testCase "cells go there, outputs come back in order; stopping and failing cells leave the rest alone"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let name = Path.Combine(folder, "name")

                    let kernel =
                        KernelProcess.Start(
                            KernelLaunch(
                                "sh",
                                [| "-c"; $"echo $0 > {name}; sleep 100" |],
                                folder,
                                Grace = TimeSpan.FromSeconds 10.0
                            )
                        )

                    use pipe = connect name
                    let mutable abandoned = false

                    let host =
                        Thread(
                            (fun () ->
                                KernelHost.Serve(
                                    pipe,
                                    (fun () -> new ScriptedSession()),
                                    ignore,
                                    (fun () -> abandoned <- true)
                                )),
                            IsBackground = true
                        )

                    host.Start()
                    let shown = List()
                    use stop = new CancellationTokenSource()

                    let run id code limit =
                        let outcome = wait ((execution kernel shown stop.Token).Run(id, code, null, limit))

                        outcome,
                        [
                            for struct (cell, output) in shown do
                                if cell = id then
                                    output
                        ]

                    let none = Nullable()
                    // Sent at once: before the other end is connected it waits.
                    let outcome, outputs = run 1 "lines" none
                    Expect.equal (outcome.Status, outcome.Count) (KernelStatus.Ok, Nullable 1) "ends"
                    Expect.equal (texts outputs).Length 7_000_000 "all lines"
                    Expect.isLessThan outputs.Length 10_000 "joined"

                    run 2 "late" none |> ignore
                    let struct (cell, last) = shown[shown.Count - 1]
                    Expect.equal (cell, last) (1, printed "late") "what a task of cell 1 prints later is cell 1's"

                    let outcome, outputs = run 3 "throws" none

                    Expect.equal
                        (outcome.Status, outcome.Error.Message)
                        (KernelStatus.Error, "out of the session")
                        "throws"

                    Expect.isTrue (outputs[0] :? CellOutput.Error) "shown"

                    Expect.equal (texts (snd (run 4 "halves" none))).Length 2 "a surrogate pair in two pieces"

                    match snd (run 5 "bad" none) with
                    | [ :? CellOutput.Display as d ] ->
                        Expect.stringContains (string d.Content.Data["text/plain"]) "cannot be written as JSON" "said"
                    | other -> failtest $"{other}"

                    let outcome, _ = run 6 "waits" (Nullable(TimeSpan.FromSeconds 0.2))
                    Expect.equal (outcome.Status, outcome.How) (KernelStatus.TimedOut, "") "stopped when asked to"

                    match snd (run 7 "value" none) with
                    | [ :? CellOutput.Result as r ] -> Expect.equal r.Count 7 "goes on"
                    | other -> failtest $"{other}"

                    stop.CancelAfter 200
                    let outcome, _ = run 8 "waits" none
                    Expect.equal outcome.Status KernelStatus.Cancelled "the user"

                    kernel.Kill()
                    kernel.DisposeAsync().AsTask().Wait()
                    Expect.isTrue (host.Join 5000) "the host ends when the runner is gone"
                    Expect.isTrue abandoned "and knows why")
        ]
