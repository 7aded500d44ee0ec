module Recipes.Tests.StateDictTests

open System
open System.Collections.Generic
open System.IO
open Expecto
open TorchSharp
open Recipes
open Recipes.Tests.Support
open Recipes.Weights

type Tensor = torch.Tensor
type Layer = torch.nn.Module<Tensor, Tensor>

let private net width =
    torch.nn.Sequential(
        struct ("conv", torch.nn.Conv2d(3L, width, 3L) :> Layer),
        struct ("norm", torch.nn.BatchNorm2d width :> Layer),
        struct ("fc", torch.nn.Linear(width, 2L) :> Layer)
    )

let private keys =
    [
        "conv.weight"
        "conv.bias"
        "norm.weight"
        "norm.bias"
        "norm.running_mean"
        "norm.running_var"
        "norm.num_batches_tracked"
        "fc.weight"
        "fc.bias"
    ]

let private bits (t: Tensor) =
    use plain = t.detach().contiguous()
    plain.bytes.ToArray()

let private state (m: #torch.nn.Module) =
    [ for e in StateDict.Of m -> e.Key, bits e.Value ]

let private same (a: #torch.nn.Module) (b: #torch.nn.Module) = state a = state b

/// Live tensors, once those that earlier tests forgot are gone.
let private liveTensors () =
    GC.Collect()
    GC.WaitForPendingFinalizers()
    torch.Tensor.TotalCount

let private write path (tensors: (string * Tensor) seq) =
    SafetensorsWriter.Write(path, tensors |> Seq.map KeyValuePair)

[<Tests>]
let tests =
    torchTests
        "state dict"
        [
            testCase "a saved module loads bit by bit, buffers included, listed in the module's order"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    use b = net 4L

                    let norm =
                        a.named_children ()
                        |> Seq.pick (fun struct (n, m) -> if n = "norm" then Some m else None)

                    (norm :?> Layer).call(torch.randn (2L, 4L, 3L, 3L)).Dispose()
                    let path = Path.Combine(folder, "net.safetensors")
                    StateDict.Save(a, path, dict [ "format", "pt" ] |> Dictionary)
                    Expect.isFalse (same a b) "different at first"
                    let identity = b.state_dict().["conv.weight"]
                    StateDict.Load(b, path)
                    Expect.isTrue (same a b) "equal after loading"

                    Expect.isTrue
                        (obj.ReferenceEquals(identity, b.state_dict().["conv.weight"]))
                        "the parameter is the same object"

                    Expect.isTrue (identity.requires_grad && identity.is_leaf) "and still learns"
                    use file = SafetensorsFile.Open path
                    Expect.equal (file.Entries |> Seq.map _.Name |> Seq.toList) keys "order"

            testCase "all differences come in one error, with hints, and nothing is loaded"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let path = Path.Combine(folder, "other.safetensors")
                    use a = net 4L
                    use before = StateDict.Snapshot a

                    let changed =
                        [
                            for e in a.state_dict () do
                                match e.Key with
                                | "conv.weight" -> e.Key, torch.zeros (4L, 1L, 3L, 3L)
                                | "conv.bias" -> e.Key, torch.zeros (4L, dtype = torch.float64)
                                | "norm.running_var" -> e.Key, torch.zeros (1L)
                                | "norm.bias" -> "norm.bais", torch.zeros 4L
                                | "fc.weight" -> "module.fc.weight", torch.zeros (2L, 4L)
                                | "fc.bias" -> ()
                                | key -> key, torch.zeros_like e.Value
                        ]

                    write path changed

                    let message =
                        try
                            StateDict.Load(a, path, "Net")
                            ""
                        with :? RecipesException as e ->
                            e.Message

                    let expected =
                        [
                            $"{path} does not fit Net (8 problems, nothing loaded):"
                            "  shape    conv.weight        file [4, 1, 3, 3]   model [4, 3, 3, 3]"
                            "  dtype    conv.bias          file F64   model F32"
                            "  shape    norm.running_var   file [1]   model [4]"
                            "  missing  norm.bias"
                            "  missing  fc.weight"
                            "  missing  fc.bias"
                            "  unknown  module.fc.weight   did you mean fc.weight?"
                            "  unknown  norm.bais          did you mean norm.bias?"
                        ]

                    Expect.equal (message.Split '\n' |> Array.toList) expected "the whole message"

                    Expect.equal (state a) [ for e in before -> e.Key, bits e.Value ] "untouched"

            testCase "what load_state_dict would broadcast or cast is refused from memory too"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use lin = torch.nn.Linear(4L, 3L)

                let given =
                    dict
                        [
                            "weight", torch.zeros (1L, 4L)
                            "bias", torch.zeros (3L, dtype = torch.int64)
                        ]
                    |> Dictionary

                failsSaying [ "2 problems"; "given [1, 4]   model [3, 4]"; "given I64   model F32" ] (fun () ->
                    StateDict.Load(lin, given, "the head"))

            testCase "a prefix selects one module of a file"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    use b = net 4L
                    let path = Path.Combine(folder, "two.safetensors")

                    write
                        path
                        (Seq.append
                            (a.state_dict () |> Seq.map (fun e -> "ema." + e.Key, e.Value))
                            [ "step", torch.tensor 3L ])

                    use file = SafetensorsFile.Open path
                    StateDict.Load(b, file, "ema.")
                    failsSaying [ "(wma.*) does not fit"; "9 problems" ] (fun () -> StateDict.Load(b, file, "wma."))
                    Expect.isTrue (same a b) "loaded"

            testCase "weights in channels-last keep their layout"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    use b = net 4L
                    use weight = (b.state_dict().["conv.weight"]).detach()
                    use laid = weight.permute(0L, 2L, 3L, 1L).contiguous().permute(0L, 3L, 1L, 2L)
                    use relaid = weight.set_ laid
                    let path = Path.Combine(folder, "net.safetensors")
                    StateDict.Save(a, path)
                    StateDict.Load(b, path)
                    Expect.isTrue (same a b) "values"

            testCase "a tied tensor is saved under each name, loads from either, and must agree with itself"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()

                    let tied () =
                        let shared = torch.nn.Linear(2L, 2L, hasBias = false) :> Layer
                        torch.nn.Sequential(struct ("a", shared), struct ("b", shared))

                    use a = tied ()
                    use b = tied ()
                    let path = Path.Combine(folder, "tied.safetensors")
                    StateDict.Save(a, path)
                    use file = SafetensorsFile.Open path
                    Expect.equal (file.Entries |> Seq.map _.Name |> Seq.toList) [ "a.weight"; "b.weight" ] "both names"
                    StateDict.Load(b, file)
                    Expect.isTrue (same a b) "from the file"
                    let wanted = torch.ones (2L, 2L)
                    StateDict.Load(b, dict [ "b.weight", wanted ] |> Dictionary)
                    Expect.equal (state b |> List.map snd |> List.distinct) [ bits wanted ] "from one name"

                    failsSaying [ "tied     a.weight and b.weight are one tensor" ] (fun () ->
                        StateDict.Load(
                            b,
                            dict [ "a.weight", wanted; "b.weight", wanted + 1.0f.ToScalar() ] |> Dictionary
                        ))

                    failsSaying [ "missing  a.weight"; "missing  b.weight" ] (fun () -> StateDict.Load(b, Dictionary()))

            testCase "a snapshot outlives scopes and training, and restores"
            <| fun () ->
                use a = net 4L

                let snapshot =
                    use scope = torch.NewDisposeScope()
                    StateDict.Snapshot a

                use original = net 4L
                StateDict.Load(original, snapshot)

                do
                    use _ = torch.no_grad ()
                    a.state_dict().["fc.weight"].add_(1.0.ToScalar()) |> ignore

                Expect.isFalse (same a original) "the snapshot did not follow"
                Expect.equal (Seq.toList snapshot.Keys) keys "keys in order"
                Expect.isFalse snapshot["conv.weight"].requires_grad "a snapshot does not learn"
                snapshot.Restore a
                Expect.isTrue (same a original) "restored"
                let live = liveTensors ()
                snapshot.Dispose()
                Expect.equal (liveTensors ()) (live - int64 keys.Length) "the snapshot owns its tensors"
                Expect.isTrue (same a original) "and only those"

            testCase "a failed write leaves the old file and no temporary one"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use a = net 4L
                    let path = Path.Combine(folder, "net.safetensors")
                    StateDict.Save(a, path)
                    let old = File.ReadAllBytes path

                    let full (stream: FileStream) =
                        SafetensorsWriter.WriteTo(
                            stream,
                            a.state_dict () |> Seq.take 3 |> Seq.toArray,
                            null,
                            TensorOrder.Given
                        )

                        raise (IOException "No space left on device")

                    failsSaying [ "net.safetensors: cannot be written (No space left on device)" ] (fun () ->
                        AtomicFile.Write(path, full))

                    Expect.equal (File.ReadAllBytes path) old "the old file"
                    Expect.equal (Directory.GetFiles folder) [| path |] "nothing else"
        ]
