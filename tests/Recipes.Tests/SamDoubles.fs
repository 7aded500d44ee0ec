/// A Segment Anything small enough to build in a moment, and the plain way of what it does.
module Recipes.Tests.SamDoubles

open Recipes.Data
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Weights
open TorchSharp

/// Windows of 5 patches; one of three blocks sees the whole map.
let spec name size width promptWidth globalBlock =
    SamSpec(
        Name = name,
        ImageSize = size,
        Patch = 4,
        Width = width,
        Depth = 3,
        Heads = 4,
        GlobalBlocks = [| globalBlock |],
        Window = 5,
        PromptWidth = promptWidth,
        DecoderHeads = 4,
        DecoderInner = 48
    )

/// 16 x 16 patches of 4 pixels, which windows of 5 do not fill.
let tiny = spec "sam_tiny" 64 32 32 1

/// Values from names, so that positions count (they start at zero).
let fill (model: torch.nn.Module) =
    SeededWeights.Fill(model, SeedScales(1.0, 0.5, 1.0, 0.5, 10000.0))
    model.eval ()

let build (spec: SamSpec) =
    let model = spec.Build()
    fill model
    model

/// Values -1 to 1 that follow from a name.
let values name (shape: int64 list) =
    SeededWeights.Tensor(name, List.toArray shape, (fun u _ -> 2.0 * u - 1.0))

/// A picture of any sides.
let picture width height =
    RgbImage(
        [|
            for i in 0L .. int64 (3 * width * height - 1) do
                yield (byte (256.0 * SeededWeights.Uniform("picture", i)))
        |],
        width,
        height
    )

let difference (expected: torch.Tensor) (found: torch.Tensor) =
    use scope = torch.NewDisposeScope()
    (expected - found).abs().max().``to``(torch.float64).item<float>()

let state (model: torch.nn.Module) =
    StateDict.Of model |> Seq.map (fun e -> e.Key, e.Value) |> Map.ofSeq

/// softmax(q·kᵀ/√d + r_h + r_w)·v, a head at a time, with all scores in memory. Tables as the checkpoint has them.
let naive
    (q: torch.Tensor)
    (k: torch.Tensor)
    (v: torch.Tensor)
    (rows: torch.Tensor)
    (columns: torch.Tensor)
    height
    width
    =
    let bias (query: torch.Tensor) (table: torch.Tensor) (place: int64 -> int64) places =
        // Score of query i and key j: the query with the embedding of the distance of their places.
        let tokens = query.shape[0]

        let at i =
            [| for j in 0L .. tokens - 1L -> place i - place j + places - 1L |]

        torch.stack (ResizeArray [ for i in 0L .. tokens - 1L -> table[torch.tensor (at i)].mv query[i] ])

    let head (n: int64) =
        let query, key, value = q[n], k[n], v[n]
        let scores = query.mm (key.t ()) / sqrt(float query.shape[1]).ToScalar()
        let byRow = bias query rows (fun i -> i / width) height
        let byColumn = bias query columns (fun i -> i % width) width
        (scores + byRow + byColumn).softmax(-1L).mm value

    torch.stack (ResizeArray [ for n in 0L .. q.shape[0] - 1L -> head n ])

/// What a block's attention gives for one window [h, w, D], from its weights.
let window (weights: Map<string, torch.Tensor>) heads (input: torch.Tensor) =
    let height, width, channels = input.shape[0], input.shape[1], input.shape[2]

    let linear name (x: torch.Tensor) =
        torch.nn.functional.linear (x, weights[name + ".weight"], weights[name + ".bias"])

    let qkv =
        (linear "attn.qkv" (input.reshape (-1L, channels))).reshape(-1L, 3L, heads, channels / heads)

    let part (i: int64) = qkv.select(1L, i).transpose(0L, 1L) // [heads, T, d]

    let mixed =
        naive (part 0L) (part 1L) (part 2L) weights["attn.rel_pos_h"] weights["attn.rel_pos_w"] height width

    linear "attn.proj" (mixed.transpose(0L, 1L).reshape(height, width, channels))

/// Keys and shapes of the official checkpoints, in their order.
let official (spec: SamSpec) =
    let width, channels, patch, side =
        int64 spec.Width, int64 spec.PromptWidth, int64 spec.Patch, int64 spec.Side

    let affine name (size: int64) =
        [ name + ".weight", [ size ]; name + ".bias", [ size ] ]

    let linear name (inputs: int64) (outputs: int64) =
        [ name + ".weight", [ outputs; inputs ]; name + ".bias", [ outputs ] ]

    let inside prefix entries =
        entries |> List.map (fun (name, shape) -> prefix + "." + name, shape)

    let block i =
        let distances =
            2L
            * (if Seq.contains i spec.GlobalBlocks then
                   side
               else
                   int64 spec.Window)
            - 1L

        [
            yield! affine "norm1" width
            for axis in [ "h"; "w" ] do
                yield ($"attn.rel_pos_{axis}", [ distances; width / int64 spec.Heads ])
            yield! linear "attn.qkv" width (3L * width)
            yield! linear "attn.proj" width width
            yield! affine "norm2" width
            yield! linear "mlp.lin1" width (4L * width)
            yield! linear "mlp.lin2" (4L * width) width
        ]
        |> inside $"blocks.{i}"

    let attention name inner =
        [
            for part in [ "q_proj"; "k_proj"; "v_proj" ] do
                yield! linear part channels inner
            yield! linear "out_proj" inner channels
        ]
        |> inside name

    let layer i =
        [
            yield! attention "self_attn" channels
            yield! affine "norm1" channels
            yield! attention "cross_attn_token_to_image" (channels / 2L)
            yield! affine "norm2" channels
            yield! linear "mlp.lin1" channels (int64 spec.DecoderInner)
            yield! linear "mlp.lin2" (int64 spec.DecoderInner) channels
            yield! affine "norm3" channels
            yield! affine "norm4" channels
            yield! attention "cross_attn_image_to_token" (channels / 2L)
        ]
        |> inside $"transformer.layers.{i}"

    let perceptron name output =
        linear $"{name}.layers.0" channels channels
        @ linear $"{name}.layers.1" channels channels
        @ linear $"{name}.layers.2" channels output

    [
        yield!
            inside
                "image_encoder"
                [
                    yield ("pos_embed", [ 1L; side; side; width ])
                    yield ("patch_embed.proj.weight", [ width; 3L; patch; patch ])
                    yield ("patch_embed.proj.bias", [ width ])
                    for i in 0 .. spec.Depth - 1 do
                        yield! block i
                    yield ("neck.0.weight", [ channels; width; 1L; 1L ])
                    yield! affine "neck.1" channels
                    yield ("neck.2.weight", [ channels; channels; 3L; 3L ])
                    yield! affine "neck.3" channels
                ]
        yield!
            inside
                "prompt_encoder"
                [
                    yield ("pe_layer.positional_encoding_gaussian_matrix", [ 2L; channels / 2L ])
                    for i in 0..3 do
                        yield ($"point_embeddings.{i}.weight", [ 1L; channels ])
                    yield ("not_a_point_embed.weight", [ 1L; channels ])
                    yield ("mask_downscaling.0.weight", [ 4L; 1L; 2L; 2L ])
                    yield ("mask_downscaling.0.bias", [ 4L ])
                    yield! affine "mask_downscaling.1" 4L
                    yield ("mask_downscaling.3.weight", [ 16L; 4L; 2L; 2L ])
                    yield ("mask_downscaling.3.bias", [ 16L ])
                    yield! affine "mask_downscaling.4" 16L
                    yield ("mask_downscaling.6.weight", [ channels; 16L; 1L; 1L ])
                    yield ("mask_downscaling.6.bias", [ channels ])
                    yield ("no_mask_embed.weight", [ 1L; channels ])
                ]
        yield!
            inside
                "mask_decoder"
                [
                    for i in 0 .. spec.DecoderDepth - 1 do
                        yield! layer i
                    yield! attention "transformer.final_attn_token_to_image" (channels / 2L)
                    yield! affine "transformer.norm_final_attn" channels
                    yield ("iou_token.weight", [ 1L; channels ])
                    yield ("mask_tokens.weight", [ 4L; channels ])
                    yield ("output_upscaling.0.weight", [ channels; channels / 4L; 2L; 2L ])
                    yield ("output_upscaling.0.bias", [ channels / 4L ])
                    yield! affine "output_upscaling.1" (channels / 4L)
                    yield ("output_upscaling.3.weight", [ channels / 4L; channels / 8L; 2L; 2L ])
                    yield ("output_upscaling.3.bias", [ channels / 8L ])
                    for i in 0..3 do
                        yield! perceptron $"output_hypernetworks_mlps.{i}" (channels / 8L)
                    yield! perceptron "iou_prediction_head" 4L
                ]
    ]
