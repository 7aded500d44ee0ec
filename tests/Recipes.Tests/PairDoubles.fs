/// Small networks of images and captions, and captioned scenes for them.
module Recipes.Tests.PairDoubles

open Recipes.Data
open Recipes.Models
open Recipes.Training

/// A network without batch statistics: a plain ViT of 16 pixels and one text layer.
let vit: ImageTextSpec =
    TwoTowers.Of(
        "two_towers",
        PlainVitSpec(Name = "vit", ImageSize = 16, Patch = 8, Width = 64, Layers = 1, Heads = 2, Classes = 64),
        TextEncoderSpec(Width = 64, Layers = 1, Context = 12, Vocabulary = ClipTokenizer.Scenes.Vocabulary)
    )

let source =
    SceneCaptionsSource(48, 16, 3L, Captions = SceneCaption.Short, Side = 24)

let data = CaptionData(source, Size = 16, BatchSize = 16)

let loader (set: ICaptionedSet) batch =
    CaptionLoader(set, ClipTokenizer.Scenes, 12, batch, 16, Normalization.Scenes)

let scenes = source.Open Split.Train

/// One plain SGD step at rate 1, so that weights move by minus the gradient.
let step =
    TrainPlan(Epochs = 1, MaxSteps = 1, Optimizer = Optim.Sgd(1.0, momentum = 0.0), LearningRate = Schedule.Constant())
