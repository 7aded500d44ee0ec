namespace Recipes.FSharp

open Recipes.Data
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs

/// The F# face of recipes of images and captions: each operation is one line that calls one C# method.
type PairRecipeBuilder(model: ImageTextSpec) =
    member _.Yield(_: unit) = Recipe.For model

    /// Trains and measures on these captioned images.
    [<CustomOperation "data">]
    member _.Data(recipe: PairModelRecipe, data: CaptionData) = recipe.On data

    /// Trains from stored augmentations, synthetic captions and teachers' embeddings.
    [<CustomOperation "reinforce">]
    member _.Reinforce(recipe: PairTrainingRecipe, step: ReinforceStep) = recipe.Reinforce step

    /// Learns what the stored teachers say of each batch.
    [<CustomOperation "distill">]
    member _.Distill(recipe: PairTrainingRecipe, by: ContrastiveTargets) = recipe.Distill by

    /// The optimizer, and the factor on its learning rate over training.
    [<CustomOperation "optimize">]
    member _.Optimize(recipe: PairTrainingRecipe, optimizer: OptimizerSpec, learningRate: Schedule) =
        recipe.Optimize(optimizer, learningRate)

    /// A moving average of the weights whose decay starts small, for short trainings.
    [<CustomOperation "ema_with_warmup">]
    member _.EmaWithWarmup(recipe: PairTrainingRecipe, decay: float) = recipe.Ema(decay, warmup = true)

    /// Largest norm of all gradients together.
    [<CustomOperation "clip">]
    member _.Clip(recipe: PairTrainingRecipe, norm: float) = recipe.Clip norm

    /// Caches gradients: so many pairs go through the network at once, whatever the batch.
    [<CustomOperation "in_parts">]
    member _.InParts(recipe: PairTrainingRecipe, pairs: int) = recipe.InParts pairs

    /// The seed of all streams.
    [<CustomOperation "seed">]
    member _.Seed(recipe: PairTrainingRecipe, seed: int64) = recipe.Seeded seed

    /// Trains for this many passes over the data.
    [<CustomOperation "train">]
    member _.Train(recipe: PairTrainingRecipe, epochs: int<epoch>) = recipe.Train(int epochs)

    /// Folds both towers; the run fails when outputs move by more than the tolerance, relative.
    [<CustomOperation "reparameterize">]
    member _.Reparameterize(recipe: TrainedPairRecipe, tolerance: float) = recipe.Reparameterize tolerance

    /// Saves the trained weights as safetensors in the run's folder.
    [<CustomOperation "save">]
    member _.Save(recipe: TrainedPairRecipe, file: string) = recipe.Save file

    /// Saves the folded weights as safetensors in the run's folder.
    [<CustomOperation "save">]
    member _.Save(recipe: FoldedPairRecipe, file: string) = recipe.Save file

/// What a recipe of images and captions opens.
[<AutoOpen>]
module PairRecipeDsl =
    /// A recipe for this network of images and captions.
    let pair_recipe (model: ImageTextSpec) = PairRecipeBuilder model
