module Recipes.Tests.CheckpointSafetensorsTests

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Text.Json.Nodes
open Expecto
open TorchSharp
open Recipes
open Recipes.Tests.Support
open Recipes.Weights

type Tensor = torch.Tensor
type Layer = torch.nn.Module<Tensor, Tensor>

let private net width =
    torch.nn.Sequential(
        struct ("fc", torch.nn.Linear(width, 3L) :> Layer),
        struct ("norm", torch.nn.BatchNorm1d 3L :> Layer)
    )

let private bits (t: Tensor) =
    use plain = t.detach().contiguous()
    plain.bytes.ToArray()

let private state (m: #torch.nn.Module) =
    [ for e in StateDict.Of m -> e.Key, bits e.Value ]

let private parse text = JsonNode.Parse(text: string).AsObject()

let private fingerprint = Fingerprint("counter", "0", "r1")

/// One tensor of 16 MB, all of whose elements are the step that the state names too.
let private saveStep path step =
    use t =
        torch.full ([| 2L; 1L <<< 20 |], (float step).ToScalar(), dtype = torch.float64)

    Checkpoint.Save(path, fingerprint, [ KeyValuePair("t", t) ], parse $"{{\"step\":{step}}}")

/// The step of a checkpoint whose tensor agrees with it in every element.
let private wholeStep path =
    use checkpoint = Checkpoint.Open(path, fingerprint)
    let step = checkpoint.State["step"].GetValue<int>()
    use t = checkpoint.File.Read "t"
    use low = t.min ()
    use high = t.max ()
    Expect.equal (low.item<float>(), high.item<float>()) (float step, float step) "tensor and state are of one save"
    step

let private childFolder = "RECIPES_TEST_SAVE_FOREVER"
let private savingTest = "saving again and again leaves the newest, whole"

/// Starts this test assembly as a process that saves until it is killed.
let private savingChild (folder: string) =
    let host =
        if Path.GetFileNameWithoutExtension Environment.ProcessPath = "dotnet" then
            Environment.ProcessPath
        else
            "dotnet"

    let start =
        ProcessStartInfo(host, RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in
        [
            Reflection.Assembly.GetExecutingAssembly().Location
            "--filter-test-case"
            savingTest
        ] do
        start.ArgumentList.Add argument

    start.Environment[childFolder] <- folder
    let child = Process.Start start
    child.BeginOutputReadLine()
    child.BeginErrorReadLine()
    child

let private temporaries folder = Directory.GetFiles(folder, "*.tmp")

/// Kills a saving process while its temporary file grows; true when the kill left a part of one behind.
let private killMidway folder path =
    use child = savingChild folder
    let clock = Stopwatch.StartNew()

    let growing () =
        temporaries folder
        |> Array.exists (fun f -> let info = FileInfo f in info.Exists && info.Length > 0L)

    try
        while not (File.Exists path && growing ()) do
            if clock.Elapsed.TotalSeconds > 60.0 || child.HasExited then
                failtest "the child process does not save"
    finally
        child.Kill()
        child.WaitForExit()

    temporaries folder |> Array.isEmpty |> not

[<Tests>]
let tests =
    torchTests
        "checkpoint"
        [
            testCase "tensors and scalars come back exactly"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    use b = net 4L
                    use moment = torch.randn (3L, 4L)
                    let path = Path.Combine(folder, "run", "last.safetensors")

                    let kept =
                        "{\"step\":12,\"stream\":18446744073709551615,\"lr\":0.1,\"third\":0.3333333333333333,\"best\":{\"a\":[1,null,\"ü\"]}}"

                    let mine = Fingerprint.Of("Net", a, "r1")

                    let tensors =
                        Seq.append (Checkpoint.Under("model.", StateDict.Of a)) [ KeyValuePair("moment", moment) ]

                    Checkpoint.Save(path, mine, tensors, parse kept)
                    use checkpoint = Checkpoint.Open(path, Fingerprint.Of("Net", b, "r1"))
                    checkpoint.Load("model.", b)
                    Expect.equal (state b) (state a) "weights and buffers"
                    use back = checkpoint.File.Read "moment"
                    Expect.equal (bits back) (bits moment) "moment"
                    Expect.isTrue (JsonNode.DeepEquals(checkpoint.State, parse kept)) "scalars"
                    Expect.equal (checkpoint.State["stream"].GetValue<uint64>()) UInt64.MaxValue "a stream's position"
                    Expect.equal (checkpoint.State["third"].GetValue<float>()) (1.0 / 3.0) "a double"

            testCase "a checkpoint of another model or recipe is refused, with all differences"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    use b = net 5L
                    let path = Path.Combine(folder, "last.safetensors")
                    Checkpoint.Save(path, Fingerprint.Of("A", a, "r1"), StateDict.Of a, JsonObject())

                    failsSaying
                        [
                            "last.safetensors is a checkpoint of something else"
                            "model   file A   wanted B"
                            "keys    file "
                            "recipe  file r1   wanted r2"
                        ]
                        (fun () ->
                            use _ = Checkpoint.Open(path, Fingerprint.Of("B", b, "r2"))
                            ())

                    use any = Checkpoint.Open path
                    Expect.equal any.Fingerprint.Model "A" "but it opens when nothing is asked of it"

                    failsSaying [ "does not fit A (1 problem"; "fc.weight"; "file [3, 4]   model [3, 5]" ] (fun () ->
                        any.Load("", b))

            testCase "weights, newer versions and changed states are told apart"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "x.safetensors")

                    let opens changes =
                        let metadata =
                            Dictionary(
                                dict
                                    [
                                        "recipes.checkpoint", "1"
                                        "recipes.model", ""
                                        "recipes.keys", ""
                                        "recipes.recipe", ""
                                        "recipes.state", "{}"
                                    ]
                            )

                        changes
                        |> List.iter (fun (key, value) ->
                            if isNull value then
                                metadata.Remove key |> ignore
                            else
                                metadata[key] <- value)

                        SafetensorsWriter.Write(path, [], metadata)
                        fun () -> Checkpoint.Open(path).Dispose()

                    opens [] ()
                    failsSaying [ "is no checkpoint"; "recipes.checkpoint" ] (opens [ "recipes.checkpoint", null ])
                    failsSaying [ "version 2, this program reads version 1" ] (opens [ "recipes.checkpoint", "2" ])
                    failsSaying [ "recipes.keys is missing" ] (opens [ "recipes.keys", null ])
                    failsSaying [ "recipes.state is not JSON" ] (opens [ "recipes.state", "{" ])
                    failsSaying [ "recipes.state is not a JSON object" ] (opens [ "recipes.state", "[1]" ])

            testCase "a number that JSON cannot hold is refused, and the old checkpoint stays"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "last.safetensors")
                    saveStep path 1
                    let state = JsonObject()
                    state["loss"] <- JsonValue.Create nan
                    failsSaying [ "not finite" ] (fun () -> Checkpoint.Save(path, fingerprint, [], state))
                    Expect.equal (wholeStep path) 1 "the old one"

            testCase savingTest
            <| fun () ->
                match Environment.GetEnvironmentVariable childFolder with
                | null ->
                    inTemporaryFolder
                    <| fun folder ->
                        let path = Path.Combine(folder, "last.safetensors")

                        for step in 1..3 do
                            saveStep path step
                            Expect.equal (wholeStep path) step "the newest"

                        Expect.equal (Directory.GetFiles folder) [| path |] "and nothing else"
                | folder ->
                    Seq.initInfinite id
                    |> Seq.iter (saveStep (Path.Combine(folder, "last.safetensors")))

            testCase "kill -9 in the middle of saving leaves the previous checkpoint, and the next save cleans up"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "last.safetensors")
                    // A kill may fall just after the move; then another try is needed.
                    let caught = Seq.init 5 (fun _ -> killMidway folder path) |> Seq.exists id
                    Expect.isTrue caught "a kill left a part of a checkpoint"
                    let step = wholeStep path
                    use _ = File.Create(Path.Combine(folder, "last.safetensors.notes.tmp"))
                    use _ = File.Create(Path.Combine(folder, "other.safetensors.1.tmp"))
                    saveStep path (step + 1)
                    Expect.equal (wholeStep path) (step + 1) "the next save"

                    Expect.equal
                        (temporaries folder |> Array.map Path.GetFileName |> Array.sort)
                        [| "last.safetensors.notes.tmp"; "other.safetensors.1.tmp" |]
                        "only dead temporary files of this checkpoint are removed"
        ]
