module Recipes.Tests.ResumeKillTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open Expecto
open TorchSharp
open Recipes.Training
open Recipes.Weights
open Recipes.Tests.ResumeDoubles
open Recipes.Tests.Support

/// What the child process of the kill test and its parent both run.
let private killPlan =
    TrainPlan(Epochs = 5, Optimizer = Optim.AdamW 1e-3, Ema = 0.9, Seed = 5L)

let private killRun folder =
    torch.set_num_threads 1
    use net = network 3000L 2L
    use metrics = new MetricsFile(folder)

    let options =
        TrainOptions(Folder = folder, Resume = true, CheckpointSteps = 1, Observers = [| metrics |])

    use result = Trainer.Train(net, killPlan, data (), test (), options)
    outcome net result

let private childFolder = Environment.GetEnvironmentVariable "RECIPES_TEST_CHILD"

let private inTemporaryFolderReturning run =
    let result = ref None
    inTemporaryFolder (fun folder -> result.Value <- Some(run folder))
    result.Value.Value

/// This very test program, running only the test "child training".
let private startChild (folder: string) =
    let host = Environment.ProcessPath
    let assembly = Reflection.Assembly.GetExecutingAssembly().Location
    let arguments = [ "--filter-test-case"; "child training" ]

    let start =
        if Path.GetFileNameWithoutExtension host = "dotnet" then
            ProcessStartInfo(host, assembly :: arguments)
        else
            ProcessStartInfo(host, arguments)

    start.Environment["RECIPES_TEST_CHILD"] <- folder
    start.RedirectStandardOutput <- true
    start.RedirectStandardError <- true
    let child = Process.Start start
    child.BeginOutputReadLine()
    child.BeginErrorReadLine()
    child

/// Kills the child (SIGKILL) a while after it has written a new checkpoint; says whether it was still at work.
let private killAfter (delay: int) folder =
    use child = startChild folder

    let newest () =
        if Directory.Exists(Path.Combine(folder, "checkpoints")) then
            Directory.GetFiles(Path.Combine(folder, "checkpoints"), "*.safetensors")
            |> Array.fold max ""
        else
            ""

    let before = newest ()
    let clock = Stopwatch.StartNew()

    while newest () = before && not child.HasExited && clock.Elapsed.TotalSeconds < 60.0 do
        Thread.Sleep 2

    Thread.Sleep delay
    let working = not child.HasExited
    child.Kill()
    child.WaitForExit()
    working

[<Tests>]
let tests =
    torchTests
        "resume"
        [
            testCase "beginning anew removes an earlier run's checkpoints and rows"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let train () =
                        use metrics = new MetricsFile(folder)
                        let plan = TrainPlan(Epochs = 1, Optimizer = Optim.Sgd 0.01)

                        use result =
                            Trainer.Train(
                                network 8L 1L,
                                plan,
                                data (),
                                null,
                                TrainOptions(Folder = folder, Observers = [| metrics |])
                            )

                        trainSteps folder

                    Expect.equal (train ()) (train ()) "rows"
                    Expect.hasLength (checkpoints folder) 1 "checkpoints")

            testCase "an output folder that cannot be written is one clear error"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file = Path.Combine(folder, "file")
                    File.WriteAllText(file, "")

                    failsSaying [ "cannot be written" ] (fun () ->
                        Trainer.Train(
                            network 8L 1L,
                            killPlan,
                            data (),
                            null,
                            TrainOptions(Folder = Path.Combine(file, "run"))
                        )
                        |> ignore))

            testCase "child training"
            <| fun () ->
                if not (isNull childFolder) then
                    killRun childFolder |> ignore

            testCase "after kill -9 in training and in checkpoints the run goes on bit by bit"
            <| fun () ->
                if isNull childFolder then
                    inTemporaryFolder (fun folder ->
                        let killed = [ for delay in [ 0; 11; 29 ] -> killAfter delay folder ]
                        Expect.contains killed true "at least one child was killed at work"
                        let threads = torch.get_num_threads ()

                        try
                            let resumed = killRun folder
                            let whole = inTemporaryFolderReturning killRun
                            Expect.equal resumed whole "weights, averages and history"

                            let trained =
                                trainSteps folder
                                |> List.filter (fun (split, _) -> split = "train")
                                |> List.map snd

                            Expect.equal trained [ 1L .. 50L ] "metrics"
                            Expect.hasLength (checkpoints folder) 2 "two checkpoints and nothing half-written"
                        finally
                            torch.set_num_threads threads)
        ]
