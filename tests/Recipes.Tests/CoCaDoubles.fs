/// A captioner of a few thousand weights, pictures of scenes and captions for it.
module Recipes.Tests.CoCaDoubles

open Recipes.Data
open Recipes.Models
open Recipes.Training
open TorchSharp

let tokenizer = ClipTokenizer.Scenes

let vit =
    PlainVitSpec(Name = "vit", Classes = 1, ImageSize = 16, Patch = 8, Width = 32, Layers = 1, Heads = 2)

let resized (heads, layers) =
    CoCaSpec(
        Name = "coca",
        Image = vit,
        ImageSize = 16,
        Vocabulary = tokenizer.Vocabulary,
        Context = 14,
        Width = 32,
        Heads = heads,
        TextLayers = 1,
        Layers = layers,
        Queries = 3,
        Embedding = 8
    )

let spec = resized (2, 2)

let build seed =
    let network = spec.Build seed
    network.eval ()
    network

let scenes count =
    SceneCaptionSet(0L, 0L, count, SceneCaption.Short, size = 16)

let images count : RgbImage list =
    let set = scenes count
    [ for i in 0 .. count - 1 -> set.Image i ]

let pixels count =
    spec.Preprocessing.Apply(ResizeArray(images count))

/// Captions as the objective takes them, [B, 1, T].
let targets (captions: string list) =
    use rows = tokenizer.Encode(ResizeArray captions, spec.Context)
    rows.unsqueeze 1L

let sampling temperature topP seed =
    SamplingOptions(Temperature = temperature, TopP = topP, MaxTokens = 10, Seed = seed)

/// Draws whole captions as lists of token ids.
let generate (network: CoCa) (images: torch.Tensor) count options first cached =
    [
        for row in network.Generate(images, count, tokenizer.Start, tokenizer.EndOfText, options, first, cached) ->
            List.ofSeq row
    ]

/// Says the same words about every picture: caption k of picture n is `word` k times, so that the first is empty.
type Parrot(word: string) =
    interface ICaptioner with
        member _.Name = "parrot"

        member _.Caption(images, count, _, _) =
            [|
                for _ in images ->
                    [| for k in 0 .. count - 1 -> String.concat " " (List.replicate k word) |]
                    :> System.Collections.Generic.IReadOnlyList<string>
            |]

let source seed captions =
    let count = List.length captions
    TensorSource("captions", pixels count, targets captions, 0, count, seed)
