/// What export refuses, and what it leaves behind.
module Recipes.Tests.OnnxErrorsTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open Recipes.Models
open Recipes.Onnx
open Recipes.Verbs
open TorchSharp
open Recipes.Tests.Support

/// A layer that says nothing about ONNX.
type private Strange() =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("Strange")
    override _.forward input = input.alias ()

/// One that says something else than it computes.
type private Liar() =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("Liar")

    override _.forward input =
        input.mul (torch.tensor(2.0f).ToScalar())

    interface IOnnxLayer with
        member _.ToOnnx(_, input) = input * 3.0

/// One that works: a swish of the user's own.
type private Swish() =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("Swish")
    override _.forward input = input * input.sigmoid ()

    interface IOnnxLayer with
        member _.ToOnnx(_, input) = input * input.Sigmoid()

let private sequence (layers: (string * torch.nn.Module<torch.Tensor, torch.Tensor>) list) =
    let model =
        torch.nn.Sequential [| for name, layer in layers -> struct (name, layer) |]

    model.eval ()
    model

let private four = Nullable(ImmutableArray.Create 4L)

let private mini () =
    let model = MobileOne.Mini(3, 8).Build()
    model.eval ()
    model

let private empty folder =
    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is left"

[<Tests>]
let tests =
    torchTests
        "onnx errors"
        [
            testCase "every layer without a meaning is named with its path, and how to give it one"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model =
                        sequence
                            [
                                "first", torch.nn.Linear(4L, 4L)
                                "odd", new Strange()
                                "inner", sequence [ "0", torch.nn.ReLU(); "odder", new Strange() ]
                                "padded", torch.nn.Conv2d(4L, 4L, 3L, padding = 1L, padding_mode = PaddingModes.Reflect)
                            ]

                    failsSaying
                        [
                            "Sequential.odd: a Strange"
                            "Sequential.inner.odder"
                            "Sequential.padded"
                            "IOnnxLayer"
                        ]
                        (fun () ->
                            model.Export(Path.Combine(folder, "a.onnx"), ExportOptions(Input = four))
                            |> ignore)

                    empty folder

            testCase "a layer of one's own that describes itself is exported; one that lies is caught by the check"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "a.onnx")
                    use good = sequence [ "0", torch.nn.Linear(4L, 8L); "1", new Swish() ]
                    let evidence = good.Export(path, ExportOptions(Input = four, Check = true))
                    Expect.isLessThan (Seq.exactlyOne evidence.Graphs).Difference.Value 1e-6 "good"
                    use bad = sequence [ "0", torch.nn.Linear(4L, 8L); "1", new Liar() ]

                    failsSaying [ "a.onnx"; "differ"; "allowed 0.0001" ] (fun () ->
                        bad.Export(path, ExportOptions(Input = four, Check = true)) |> ignore)

            testCase "training mode, opset, name and resolution are refused together"
            <| fun () ->
                use model = MobileOne.Mini(3, 8).Build()

                failsSaying
                    [
                        "training mode"
                        "call eval()"
                        "opset 12: expected 13 to 17"
                        "ends in .onnx"
                        "resolution 0"
                    ]
                    (fun () -> model.Export("/tmp/a.bin", ExportOptions(Opset = 12, Resolution = 0)) |> ignore)

            testCase "axes that a model has not, or cannot take"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "a.onnx")

                    let axes (names: string list) =
                        ExportOptions(Dynamic = Nullable(names.ToImmutableArray()))

                    use model = mini ()

                    failsSaying [ "dynamic axis 'depth'"; "image has batch, height, width" ] (fun () ->
                        model.Export(path, axes [ "batch"; "depth" ]) |> ignore)

                    use vit =
                        ZooDoubles.build (
                            SiglipSpec(
                                Name = "s",
                                ImageSize = 28,
                                Patch = 7,
                                Width = 64,
                                Layers = 1,
                                Heads = 4,
                                Inner = 96
                            )
                        )

                    failsSaying [ "s cannot take dynamic axes batch, height, width"; "fixed size" ] (fun () ->
                        vit.Export(path, axes [ "batch"; "resolution" ]) |> ignore)

                    failsSaying [ "28 x 14"; "position table" ] (fun () ->
                        (vit :?> torch.nn.Module<torch.Tensor, torch.Tensor>).call(torch.zeros (1L, 3L, 28L, 14L))
                        |> ignore)

                    // An axis of one part does not concern the others.
                    use towers =
                        ZooDoubles.build (
                            MobileClipSpec(
                                Name = "m",
                                Image = MobileOne.Mini(24, 8),
                                Text = TextEncoderSpec(Width = 64, Layers = 1, Vocabulary = 300)
                            )
                        )

                    let both = (towers.Export(path, axes [ "batch"; "resolution" ])).Graphs

                    Expect.sequenceEqual
                        [ for g in both -> g.Inputs[0] ]
                        [ "images [batch, 3, height, width]"; "input_ids [batch, 77]" ]
                        "each its own"

                    for file in Directory.GetFiles folder do
                        File.Delete file

                    empty folder
                    let fixed' = Seq.exactlyOne (model.Export(path, axes [])).Graphs
                    Expect.sequenceEqual fixed'.Inputs [ "images [1, 3, 224, 224]" ] "nothing dynamic"

            testCase "parts are found by name, and models of several get a file each"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = ZooDoubles.build SamDoubles.tiny

                    failsSaying [ "no part 'masks'"; "mask" ] (fun () ->
                        model.Export(Path.Combine(folder, "a.onnx"), ExportOptions(Part = "masks"))
                        |> ignore)

                    model.Export(Path.Combine(folder, "a.onnx")) |> ignore
                    let names = Directory.GetFiles folder |> Array.map Path.GetFileName |> Array.sort
                    Expect.equal names [| "a.image.onnx"; "a.mask.onnx" |] "files"

            testCase "places that cannot be written leave nothing, and an older file stays"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    use model = mini ()
                    let taken = Path.Combine(folder, "taken.onnx")
                    Directory.CreateDirectory taken |> ignore
                    failsSaying [ "taken.onnx"; "cannot be written" ] (fun () -> model.Export taken |> ignore)
                    Expect.equal (Directory.GetFileSystemEntries(folder).Length) 1 "only what was there"
                    // An error in the middle, after some weights are written.
                    let path = Path.Combine(folder, "a.onnx")
                    File.WriteAllText(path, "old")
                    use broken = mini ()
                    let last = broken.parameters () |> Seq.last
                    last.Dispose()
                    Expect.throws (fun () -> broken.Export path |> ignore) "a weight that cannot be read"
                    Expect.equal (File.ReadAllText path) "old" "the older file"
                    Expect.equal (Directory.GetFileSystemEntries(folder).Length) 2 "no temporary file"

            testCase "a missing runtime, a missing file and a file that is no model are one clear error each"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let missing =
                        OnnxSession.Explain(
                            "a.onnx",
                            DllNotFoundException "Unable to load shared library 'onnxruntime'"
                        )

                    Expect.stringContains missing.Message "ONNX Runtime is missing" "says what"
                    Expect.stringContains missing.Message "./recipes.sh" "says how to mend it"

                    failsSaying [ "none.onnx: no such file" ] (fun () ->
                        OnnxSession.Open(Path.Combine(folder, "none.onnx")) |> ignore)

                    let path = Path.Combine(folder, "bad.onnx")
                    File.WriteAllText(path, "not a model")
                    failsSaying [ "bad.onnx: ONNX Runtime refuses it" ] (fun () -> OnnxSession.Open path |> ignore)
        ]
