/// Small networks of images and captions, and captioned scenes for them.
module Recipes.Tests.PairDoubles

open TorchSharp
open Recipes.Data
open Recipes
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs

/// A network without batch statistics: a plain ViT of 16 pixels and one text layer.
let vit: ImageTextSpec =
    TwoTowers.Of(
        "two_towers",
        PlainVitSpec(Name = "vit", ImageSize = 16, Patch = 8, Width = 64, Layers = 1, Heads = 2, Classes = 64),
        TextEncoderSpec(Width = 64, Layers = 1, Context = 12, Vocabulary = ClipTokenizer.Scenes.Vocabulary)
    )

let source =
    SceneCaptionsSource(48, 16, 3L, Captions = SceneCaption.Short, Side = 24)

let loader (set: ICaptionedSet) batch =
    CaptionLoader(set, ClipTokenizer.Scenes, 12, batch, 16, Normalization.Scenes)

let scenes = source.Open Split.Train

/// One plain SGD step at rate 1, so that weights move by minus the gradient.
let step =
    TrainPlan(Epochs = 1, MaxSteps = 1, Optimizer = Optim.Sgd(1.0, momentum = 0.0), LearningRate = Schedule.Constant())

let numbers (t: torch.Tensor) =
    t.cpu().contiguous().``to``(torch.float32).data<float32>().ToArray()

let teachers =
    lazy
        ([
            for seed in 1L .. 2L ->
                let network = vit.Build seed
                network.eval ()
                PairTeacher(network, ClipTokenizer.Scenes, 12, Normalization.Scenes)
        ])

/// Says the same of every picture, and numbers its captions.
let captioner =
    { new ICaptioner with
        member _.Name = "counting"

        member _.Caption(images, count, _, first) =
            [|
                for i in 0 .. images.Count - 1 -> [| for k in 1..count -> $"caption {k} of {first + int64 i}" |] :> _
            |]
    }

let reinforce batch =
    scenes.Reinforce(teachers.Value, captioner, PairReinforceOptions(Views = 3, Captions = 2, Size = 16, Batch = batch))

let reinforced = lazy (reinforce 5)

/// Values of images and captions that show themselves.
let shown evaluation training : IDisplay list =
    let recipe = Recipe.For(vit).On(CaptionData(source, Size = 16, BatchSize = 16))

    [
        vit
        CoCa.Mini()
        Recipe.For vit
        recipe
        recipe.Train 1
        recipe.Train(1).Reparameterize()
        recipe.Train(1).Document
        new PairOutcome(Model = vit.Build(), Training = training, Evaluation = evaluation)
        PairAgreement(8, [| 0.1 |], [| 0.6 |], [| 0.7 |])
        reinforced.Value
    ]
