/// FastVLM: keys and counts, images among the words, and text from it.
module Recipes.Tests.FastVlmTests

open System
open System.Collections.Immutable
open Expecto
open TorchSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Training
open Recipes.Weights
open Recipes.Tests.Support

// Two stages of 16 and 32 channels, stride 8: an image of 64 pixels is 64 tokens.
let private tiny =
    FastVlmSpec(
        Name = "fastvlm_tiny",
        Vision =
            FastVitSpec(
                Name = "vision_tiny",
                Classes = 8,
                Depths = ImmutableArray.Create(1, 1),
                Widths = ImmutableArray.Create(16, 32),
                Head = FastVitHead.Projection
            ),
        Language = DecoderDoubles.qwen true,
        ImageSize = 64,
        Context = 48
    )

let private build () =
    let model = tiny.Build 5L
    model.eval ()
    model

let private ids (rows: int64 list list) =
    torch.tensor(rows |> List.concat |> Array.ofList).reshape [| int64 rows.Length; int64 rows[0].Length |]

let private values (tensor: torch.Tensor) =
    tensor.data<int64>().ToArray() |> List.ofArray

let private difference (a: torch.Tensor) (b: torch.Tensor) = (a - b).abs().max().item<float32>()

let private image = FastVlm.ImageToken

[<Tests>]
let tests =
    torchTests
        "fastvlm"
        [
            testCase "parameters, tokens, cache bytes and prefill are the sheet's"
            <| fun () ->
                for spec, connector, body, embedding in
                    [
                        FastVlm.B05(), 3557120L, 357898112L, 136134656L
                        FastVlm.B15(), 7080960L, 1310340608L, 233373696L
                        FastVlm.B7(), 23862272L, 6525621760L, 544997376L
                    ] do
                    Expect.equal (spec.Connector, spec.Language.Body) (connector, body) spec.Name
                    let tied = if spec.Language.TiedHead then 1L else 2L
                    Expect.equal spec.Language.Embeddings (tied * embedding) spec.Name

                let spec = FastVlm.B05()

                Expect.equal
                    [ for r in [ 224; 256; 512; 768; 1024; 1536; 2048 ] -> spec.ImageTokens r ]
                    [ 16; 16; 64; 144; 256; 576; 1024 ]
                    "tokens"

                // GMACs of the body alone: parameters of its matrices, but for norms and biases, times tokens.
                for tokens, small, middle, large in
                    [ 16L, 5.7, 21.0, 104.0; 256L, 91.6, 335.0, 1671.0; 576L, 206.0, 755.0, 3759.0 ] do
                    for spec, expected in [ FastVlm.B05(), small; FastVlm.B15(), middle; FastVlm.B7(), large ] do
                        let found = float tokens * float spec.Language.MacsPerToken / 1e9
                        Expect.isLessThan (abs (found / expected - 1.0)) 0.01 $"{spec.Name} at {tokens} tokens"

                Expect.equal
                    [
                        for s in [ FastVlm.B05(); FastVlm.B15(); FastVlm.B7() ] ->
                            s.Language.CacheBytes(256L, 2) / 1024L
                    ]
                    [ 3072L; 7168L; 14336L ]
                    "KiB of keys and values"

            testCase "info computes what a built network has"
            <| fun () ->
                let info = ModelInfo.Of(tiny, Nullable(), 8)
                use model = build ()

                let count () =
                    model.parameters () |> Seq.sumBy _.numel()

                Expect.equal info.Train.Parameters (count ()) "train-time"
                Modules.Reparameterizable model |> Seq.iter (fun struct (_, b) -> b.Fold())
                Expect.equal info.Folded.Parameters (count ()) "folded"
                Expect.equal (info.Parts |> Seq.sumBy _.Parameters) info.Train.Parameters "parts"
                Expect.isTrue (info.Train.Macs > info.Folded.Macs) "MACs"
                failsSaying [ "-1 tokens" ] (fun () -> ModelInfo.Of(tiny, Nullable(), -1) |> ignore)

            testCase "names are those of the official checkpoints, which hold the encoder folded"
            <| fun () ->
                use model = build ()

                let names () =
                    [ for entry in StateDict.Of model -> entry.Key ]

                let trained = names ()

                for expected in
                    [
                        "model.vision_tower.vision_tower.model.patch_embed.0.rbr_conv.0.conv.weight"
                        "model.vision_tower.vision_tower.model.head.proj"
                        "model.mm_projector.0.weight"
                        "model.mm_projector.2.bias"
                        "model.embed_tokens.weight"
                        "model.layers.0.self_attn.q_proj.bias"
                        "model.norm.weight"
                        "lm_head.weight"
                    ] do
                    Expect.contains trained expected "key"

                inTemporaryFolder (fun folder ->
                    let path = IO.Path.Combine(folder, "folded.safetensors")
                    use folded = build ()
                    Modules.Reparameterizable folded |> Seq.iter (fun struct (_, b) -> b.Fold())
                    StateDict.Save(folded, path)
                    use loaded = tiny.Build 9L
                    loaded.eval ()
                    loaded.Load path |> ignore
                    use pixels = torch.rand (1L, 3L, 64L, 64L)
                    use a = folded.EncodeImages pixels
                    use b = loaded.EncodeImages pixels
                    Expect.equal (difference a b) 0.0f "the same network"
                    use copy = Modules.Copy loaded
                    use c = copy.EncodeImages pixels
                    Expect.equal (difference a c) 0.0f "a copy"
                    Expect.equal (copy.Parts, copy.Vision.Spec) (tiny, tiny.Vision) "of the same spec")

            testCase "tokens go over the map row by row"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use model = build ()
                let pixels = torch.rand (2L, 3L, 64L, 64L)
                let map = model.Vision.Features pixels
                let tokens = model.EncodeImages pixels
                Expect.equal (List.ofArray tokens.shape) [ 2L; 64L; 32L ] "[N, T, H]"

                let token =
                    model.Connector.call (map[1].narrow(1L, 2L, 1L).narrow(2L, 5L, 1L).flatten())

                Expect.isLessThan (difference token (tokens[1, 2 * 8 + 5])) 1e-5f "row 2, column 5"

            testCase "an image stands where its sentinel stood; labels and masks follow"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use model = build ()
                let first, second = torch.rand (3L, 32L), torch.rand (2L, 32L)
                let rows = ids [ [ 5L; image; 6L; 7L ]; [ 8L; 9L; image; 0L ] ]
                let mask = ids [ [ 1L; 1L; 1L; 1L ]; [ 1L; 1L; 1L; 0L ] ]
                let labels = ids [ [ -100L; -100L; 6L; 7L ]; [ 8L; 9L; -100L; 50L ] ]
                use spliced = model.Splice(rows, [| first; second |], mask, labels)
                Expect.equal (List.ofArray spliced.Embeds.shape) [ 2L; 6L; 32L ] "as long as the longest"

                let words = model.Embed(ids [ [ 5L; 6L; 7L; 8L; 9L ] ]).squeeze 0L

                let row0 =
                    torch.cat [| words[0].unsqueeze 0L; first; words[1].unsqueeze 0L; words[2].unsqueeze 0L |]

                let row1 =
                    torch.cat
                        [|
                            words[3].unsqueeze 0L
                            words[4].unsqueeze 0L
                            second
                            torch.zeros (2L, 32L)
                        |]

                Expect.equal (difference (torch.stack [| row0; row1 |]) spliced.Embeds) 0.0f "embeddings"

                Expect.equal
                    (values (spliced.Mask.``to`` torch.int64))
                    [ 1L; 1L; 1L; 1L; 1L; 1L; 1L; 1L; 1L; 1L; 0L; 0L ]
                    "mask"

                Expect.equal
                    (values spliced.Labels)
                    [ -100L; -100L; -100L; -100L; 6L; 7L; 8L; 9L; -100L; -100L; -100L; -100L ]
                    "labels: images and padding are not predicted"

                // What the mask hides changes nothing: the second row alone gives the same.
                use alone = model.Splice(ids [ [ 8L; 9L; image ] ], [| second |])
                let both = model.Hidden(spliced.Embeds, spliced.Mask)
                let one = model.Hidden(alone.Embeds, alone.Mask)
                Expect.isLessThan (difference (both[1].narrow(0L, 0L, 4L)) one[0]) 1e-5f "hidden states"

            testCase "rows are cut at the context; training reaches every part"
            <| fun () ->
                soundOneDnn ()
                use scope = torch.NewDisposeScope()
                use model = tiny.Build 5L
                let pixels = torch.rand (2L, 3L, 64L, 64L)
                let tokens = model.EncodeImages pixels
                let rows = ids [ [ 5L; image; 6L ]; [ image; 8L; 9L ] ]

                use spliced =
                    model.Splice(
                        rows,
                        [| tokens[0].narrow(0L, 0L, 10L); tokens[1] |],
                        null,
                        rows.masked_fill (rows.lt (torch.zeros_like rows), -100L)
                    )

                Expect.equal (spliced.Embeds.shape[1], spliced.Labels.shape[1]) (48L, 48L) "66 tokens are cut to 48"
                let logits = model.Logits(model.Hidden(spliced.Embeds, spliced.Mask))
                let shifted = logits.narrow (1L, 0L, 47L)
                TokenLoss.CrossEntropy(shifted, spliced.Labels.narrow (1L, 1L, 47L)).backward()

                for part in
                    [
                        "model.vision_tower"
                        "model.mm_projector"
                        "model.embed_tokens"
                        "model.layers"
                    ] do
                    let reached =
                        model.named_parameters ()
                        |> Seq.exists (fun struct (name, p) -> name.StartsWith part && not (isNull p.grad))

                    Expect.isTrue reached part

            testCase "encoding and splicing leave no tensors behind"
            <| fun () ->
                use model = build ()
                use pixels = torch.rand (1L, 3L, 64L, 64L)
                use rows = ids [ [ 5L; image; 6L ] ]

                flat "FastVLM" (fun () ->
                    use _ = torch.no_grad ()
                    use tokens = model.EncodeImages pixels
                    use one = tokens.squeeze 0L
                    use spliced = model.Splice(rows, [| one |])
                    model.Hidden(spliced.Embeds, spliced.Mask).Dispose())

            testCase "what does not fit is said, all at once"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use model = build ()
                let rows = ids [ [ 5L; image; 6L ] ]
                failsSaying [ "0 images for 1 image tokens" ] (fun () -> model.Splice(rows, [||]) |> ignore)

                failsSaying
                    [
                        "mask: expected the shape of the ids, [1, 3], found [1, 2]"
                        "image 0"
                        "[4, 31]"
                    ]
                    (fun () -> model.Splice(rows, [| torch.rand (4L, 31L) |], ids [ [ 1L; 1L ] ]) |> ignore)

                failsSaying [ "token id 101"; "outside the vocabulary" ] (fun () ->
                    model.Splice(ids [ [ 5L; image; 101L ] ], [| torch.rand (4L, 32L) |]) |> ignore)

                failsSaying [ "nothing but padding" ] (fun () ->
                    model.Splice(ids [ [ 5L ]; [ 6L ] ], [||], ids [ [ 1L ]; [ 0L ] ]) |> ignore)
        ]
