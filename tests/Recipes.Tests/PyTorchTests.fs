/// Files as PyTorch writes them: containers, views, storages, types; and networks that load them.
module Recipes.Tests.PyTorchTests

open System.IO
open Expecto
open TorchSharp
open Recipes.Models
open Recipes.Tests.Support
open Recipes.Tests.PyTorchDoubles
open Recipes.Weights

let private values (file: WeightsFile) name =
    use t = file.Read name
    use all = t.to_type(torch.float64).flatten()
    all.data<float>().ToArray()

let private opens path part (check: WeightsFile -> unit) =
    use file = WeightsFile.Open(path, part)
    check file

let private names (file: WeightsFile) =
    file.Entries |> Seq.map _.Name |> Seq.toList

let private floatTensor = tensor "FloatStorage" "0" [ 2L ]
let private two = [ "0", floats [ 1f; 2f ] ]
let private weights = dict [ text "w", floatTensor ]

[<Tests>]
let tests =
    torchTests
        "pytorch"
        [
            testCase "the object tree shows what lies beside the weights"
            <| fun () ->
                use file = PyTorchFile.Open(shared "data/checkpoints/checkpoint.pt")
                let root = file.Root :?> PickledDict
                let found, epoch = root.TryGet "epoch"
                Expect.isTrue (found && epoch :? int64) "the epoch is a number"
                use state = file.StateDict()
                Expect.contains state.Notes "taken: model_state_dict" "what was taken"

                Expect.equal
                    (names state)
                    [ "fc1.weight"; "fc1.bias"; "fc2.weight"; "fc2.bias" ]
                    "the weights, without the optimizer"

            testCase "wrappers, training state and the names of DataParallel are taken off, and said"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let wrapped =
                        dict
                            [
                                text "epoch", integer 3L
                                text "state_dict", dict [ text "module.w", floatTensor ]
                                text "optimizer", dict [ text "state", dict [ integer 0L, floatTensor ] ]
                                text "best_acc1", view (storage "FloatStorage" "0" 2L) 1L [] []
                            ]

                    opens (checkpoint folder wrapped two) null (fun file ->
                        Expect.equal (names file) [ "w" ] "names"

                        Expect.sequenceEqual
                            file.Notes
                            [
                                "taken: state_dict"
                                "left out: epoch, optimizer, best_acc1"
                                "prefix taken off: module."
                            ]
                            "notes"

                        Expect.equal (values file "w") [| 1.0; 2.0 |] "values")

            testCase "two state dicts are a question, answered by a part"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path =
                        checkpoint folder (dict [ text "model", weights; text "model_ema", weights ]) two

                    failsSaying [ "several parts"; "model (1 tensors), model_ema (1 tensors)"; "--part" ] (fun () ->
                        opens path null ignore)

                    failsSaying [ "no part 'model_eme'"; "did you mean model_ema?" ] (fun () ->
                        opens path "model_eme" ignore)

                    opens path "model_ema" (fun file -> Expect.equal (names file) [ "w" ] "the part")
                    opens path "." (fun file -> Expect.equal (names file) [ "model.w"; "model_ema.w" ] "all")

            testCase "views: transposed, strided, repeated, scalar, empty, of one storage"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let store = storage "FloatStorage" "0" 6L

                    let value =
                        dict
                            [
                                text "plain", view store 0L [ 2L; 3L ] [ 3L; 1L ]
                                text "transposed", view store 0L [ 3L; 2L ] [ 1L; 3L ]
                                text "strided", view store 1L [ 2L ] [ 3L ]
                                text "repeated", view store 5L [ 2L; 2L ] [ 0L; 0L ]
                                text "scalar", view store 4L [] []
                                text "empty", view store 6L [ 0L; 3L ] [ 3L; 1L ]
                            ]

                    let check (file: WeightsFile) =
                        let expected =
                            [
                                "plain", [ 0.0; 1; 2; 3; 4; 5 ]
                                "transposed", [ 0.0; 3; 1; 4; 2; 5 ]
                                "strided", [ 1.0; 4 ]
                                "repeated", [ 5.0; 5; 5; 5 ]
                                "scalar", [ 4.0 ]
                                "empty", []
                            ]

                        for name, wanted in expected do
                            Expect.equal (values file name |> Array.toList) wanted name
                            Expect.equal (file.Bytes(name).Length) (4 * wanted.Length) $"{name}: bytes"

                    let data = floats (Seq.init 6 float32)
                    opens (checkpoint folder value [ "0", data ]) null check
                    opens (legacy folder value [ "0", 6L, data ]) null check

            testCase "a legacy view of a storage starts where it says"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let viewed offset count =
                        Array.append
                            (tuple
                                [
                                    text "storage"
                                    name "torch" "FloatStorage"
                                    text "7"
                                    text "cpu"
                                    integer 4L
                                    tuple [ text "8"; integer offset; integer count ]
                                ])
                            (op 'Q')

                    let path offset count =
                        let value = dict [ text "w", view (viewed offset count) 1L [ 2L ] [ 1L ] ]
                        legacy folder value [ "7", 4L, floats [ 0f; 1f; 2f; 3f ] ]

                    opens (path 1L 3L) null (fun file -> Expect.equal (values file "w") [| 2.0; 3.0 |] "values")

                    failsSaying [ "ends at element 2, outside the storage's 2" ] (fun () ->
                        opens (path 1L 2L) null ignore)

                    failsSaying [ "outside its 4 elements" ] (fun () -> opens (path 2L 3L) null ignore)

            testCase "types of version 3: raw storages with a dtype, 8-bit floats as bytes"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let v3 dtype =
                        call
                            (name "torch._utils" "_rebuild_tensor_v3")
                            [
                                Array.append
                                    (tuple
                                        [
                                            text "storage"
                                            name "torch.storage" "UntypedStorage"
                                            text "0"
                                            text "cpu"
                                            integer 8L
                                        ])
                                    (op 'Q')
                                integer 0L
                                numbers [ 4L ]
                                numbers [ 1L ]
                                [| 0x89uy |]
                                orderedDict
                                name "torch" dtype
                                op 'N'
                            ]

                    let value =
                        dict [ text "u", v3 "uint16"; text "e", v3 "float8_e4m3fn"; text "h", v3 "float16" ]

                    opens (checkpoint folder value [ "0", [| 1uy .. 8uy |] ]) null (fun file ->
                        Expect.equal
                            (file.Entries |> Seq.map _.Dtype |> Seq.toList)
                            [ Dtype.U16; Dtype.F8_E4M3; Dtype.F16 ]
                            "types"

                        Expect.equal (file.Bytes("u").ToArray()) [| 1uy .. 8uy |] "bytes"
                        failsSaying [ "TorchSharp has no F8_E4M3" ] (fun () -> file.Read "e" |> ignore))

            testCase "a network loads what torch.save wrote as it loads safetensors, and takes the file's form"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use scope = torch.NewDisposeScope()
                    let spec = MobileOne.Mini(10, 8)
                    let source = spec.Build 1L
                    let plain = Path.Combine(folder, "a.safetensors")
                    StateDict.Save(source, plain)
                    use target = spec.Build 2L
                    target.Load plain |> ignore
                    Expect.equal (StateDict.Digest target) (StateDict.Digest source) "the train-time form"
                    source.eval ()
                    let folded = Recipes.Verbs.ReparameterizeVerb.Reparameterize(source).Model
                    StateDict.Save(folded, plain)
                    target.Load plain |> ignore
                    Expect.equal (StateDict.Digest target) (StateDict.Digest folded) "the folded form"
                    use other = (MobileOne.Mini(9, 8)).Build()
                    let before = StateDict.Digest other

                    failsSaying [ "does not fit mobileone_mini (folded)"; "linear.weight" ] (fun () ->
                        other.Load plain |> ignore)

                    Expect.equal (StateDict.Digest other) before "nothing was loaded or folded"
        ]
