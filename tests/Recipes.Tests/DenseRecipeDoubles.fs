/// Small recipes of dense prediction.
module Recipes.Tests.DenseRecipeDoubles

open System
open Recipes
open Recipes.Data
open Recipes.Display
open Recipes.FSharp
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs

let vit =
    PlainVitSpec(Name = "vit_tiny", ImageSize = 16, Patch = 4, Width = 32, Layers = 2, Heads = 1, Classes = 32)

let images = Datasets.Scenes(32, 16).Sized(16).Batched(16)

/// CLIP of the tiny ViT, two steps.
let clip seed' =
    let text =
        TextEncoderSpec(Width = 64, Layers = 1, Context = 12, Vocabulary = ClipTokenizer.Scenes.Vocabulary)

    pair_recipe (TwoTowers.Of("clip_tiny", vit, text)) {
        data (CaptionData(SceneCaptionsSource(32, 16, 0L, Side = 24), Size = 16, BatchSize = 16))
        seed seed'
        train 1<epoch>
    }

let supervised seed' =
    recipe (vit.WithClasses 10) {
        data images
        seed seed'
        train 1<epoch>
    }

let masked seed' =
    masked_recipe (MaeSpec.Mini vit) {
        data images
        optimize (Optim.AdamW 1e-3) (Schedule.Cosine())
        seed seed'
        train 1<epoch>
    }

/// One step of fine-tuning for classes.
let tuned (from: Pretraining) seed' =
    dense_recipe from {
        data (DenseDatasets.Scenes(16, 8, 5L).For(DenseTask.Segmentation).Sized(16).Batched 8)
        head (UPerNetSpec.Mini 8)
        optimize (Optim.AdamW 1e-3) (Schedule.Cosine())
        clip 1.0
        seed seed'
        train 1<epoch>
    }

/// Values of dense recipes that show themselves.
let shown (evidence: FineTuneEvidence) (training: TrainResult) : IDisplay list =
    let pretraining = Pretraining.By(masked 1L)
    let dense = DenseDatasets.Scenes(16, 8).For(DenseTask.Depth)

    [
        Recipe.For(MaeSpec.Mini vit)
        Recipe.For(MaeSpec.Mini vit).On images
        masked 1L
        (masked 1L).Document
        new MaskedOutcome(Model = (MaeSpec.Mini vit).Build 0L, Training = training)
        Recipe.For(pretraining).On dense
        tuned pretraining 1L
        (tuned pretraining 1L).Document
        new DenseOutcome(
            Model = null,
            Evidence = evidence,
            Training = training,
            Pretraining = PretrainingCost(1.0, 32L, Nullable 12.5)
        )
    ]
