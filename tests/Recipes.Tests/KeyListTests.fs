/// Names and shapes of every official checkpoint, against lists made from the fact sheets.
module Recipes.Tests.KeyListTests

open Expecto
open TorchSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Weights
open Recipes.Tests.KeyListDoubles
open Recipes.Tests.Support

let private keys (model: torch.nn.Module) : Set<Key> =
    set [ for entry in StateDict.Of model -> entry.Key, List.ofArray entry.Value.shape ]

let private behind prefix (list: Key list) : Key list =
    list |> List.map (fun (name, shape) -> prefix + name, shape)

let private same what (expected: Key list) (found: Set<Key>) =
    Expect.hasLength (List.distinct expected) expected.Length $"{what}: the list has each name once"
    let expected = set expected
    Expect.equal (expected - found |> Seq.truncate 5 |> List.ofSeq) [] $"{what}: missing"
    Expect.equal (found - expected |> Seq.truncate 5 |> List.ofSeq) [] $"{what}: unknown"

/// Both forms of a network.
let private both (spec: NetworkSpec) (list: bool -> Key list) =
    use model = spec.Build()
    same $"{spec.Name}, train-time" (list false) (keys model)
    Modules.Reparameterizable model |> Seq.iter (fun struct (_, b) -> b.Fold())
    same $"{spec.Name}, folded" (list true) (keys model)

let private fastVitRow depths width ratio attention =
    {
        Depths = depths
        Widths = [ width; 2 * width; 4 * width; 8 * width ]
        Ratio = ratio
        Attention = attention
        LayerNorm = false
        StemScale = true
        Gates = []
        Head = Classifier 1000
    }

let private mci depths width =
    { fastVitRow depths width 3 1 with
        Gates = [ false; true; true ]
        Head = Projection 512
    }

let private five depths width =
    { fastVitRow depths width 4 2 with
        Widths = [ for i in 0..4 -> width <<< i ]
        LayerNorm = true
        StemScale = false
        Head = Projection 768
    }

let private hd = five [ 2; 12; 24; 4; 2 ] 96

[<Tests>]
let tests =
    torchTests
        "key lists"
        [
            testCase "FastViT, all variants"
            <| fun () ->
                for name, row in
                    [
                        "t8", fastVitRow [ 2; 2; 4; 2 ] 48 3 0
                        "t12", fastVitRow [ 2; 2; 6; 2 ] 64 3 0
                        "s12", fastVitRow [ 2; 2; 6; 2 ] 64 4 0
                        "sa12", fastVitRow [ 2; 2; 6; 2 ] 64 4 1
                        "sa24", fastVitRow [ 4; 4; 12; 4 ] 64 4 1
                        "sa36", fastVitRow [ 6; 6; 18; 6 ] 64 4 1
                        "ma36", fastVitRow [ 6; 6; 18; 6 ] 76 4 1
                    ] do
                    both (Zoo.FastVit name) (fun folded -> fastVit folded row)

            testCase "MobileCLIP, both towers"
            <| fun () ->
                for name, depths, width, hybrid in
                    [
                        "s0", [ 2; 6; 10; 2 ], 64, true
                        "s1", [ 4; 12; 20; 4 ], 64, false
                        "s2", [ 4; 12; 24; 4 ], 80, false
                    ] do
                    both (Zoo.MobileClip name) (fun folded ->
                        ("logit_scale", [])
                        :: behind "image_encoder.model." (fastVit folded (mci depths width))
                        @ behind "text_encoder." (text folded hybrid))

                use b = MobileClip.B.Build()

                same
                    "b"
                    (("logit_scale", []) :: behind "image_encoder.model." vit
                     @ behind "text_encoder." (text false false))
                    (keys b)

            testCase "FastViTHD and MCi4; MobileCLIP2's text encoders"
            <| fun () ->
                both (Mci.FastVitHd()) (fun folded -> fastVit folded hd)
                let projected = FastVitHead.Projection
                use s4 = (Mci.Mci4().WithHead projected).Build()
                same "mci4" (fastVit false (five [ 2; 12; 24; 4; 4 ] 128)) (keys s4)

                for width in [ 512; 768 ] do
                    use encoder = new ClipText(ClipTextSpec.MobileClip2 width)
                    same $"text of {width}" (clipText width width) (keys encoder)

            testCase "CLIP"
            <| fun () ->
                for name, list in
                    [
                        "vit_b_16", clip 16 224 768 12 512 512
                        "vit_l_14", clip 14 224 1024 24 768 768
                        "vit_l_14_336", clip 14 336 1024 24 768 768
                    ] do
                    use model = (Zoo.Clip name).Build()
                    same name list (keys model)

            testCase "FastVLM 0.5B, train-time and as it is published"
            <| fun () ->
                both (FastVlm.B05()) (fun folded ->
                    qwen 896 24 128 4864 151936
                    @ behind "model.vision_tower.vision_tower.model." (fastVit folded hd)
                    @ behind "model.mm_projector." (connector 896))
        ]
