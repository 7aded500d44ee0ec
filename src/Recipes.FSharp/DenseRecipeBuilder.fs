namespace Recipes.FSharp

open Recipes.Data
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training

/// The F# face of recipes of masked autoencoders.
type MaskedRecipeBuilder(model: MaeSpec) =
    member _.Yield(_: unit) = Recipe.For model

    /// Learns from these images; their labels are not looked at.
    [<CustomOperation "data">]
    member _.Data(recipe: MaskedModelRecipe, data: ImageData) = recipe.On data

    /// The optimizer, and the factor on its learning rate over training.
    [<CustomOperation "optimize">]
    member _.Optimize(recipe: MaskedTrainingRecipe, optimizer: OptimizerSpec, learningRate: Schedule) =
        recipe.Optimize(optimizer, learningRate)

    /// Largest norm of all gradients together.
    [<CustomOperation "clip">]
    member _.Clip(recipe: MaskedTrainingRecipe, norm: float) = recipe.Clip norm

    /// The seed of all streams.
    [<CustomOperation "seed">]
    member _.Seed(recipe: MaskedTrainingRecipe, seed: int64) = recipe.Seeded seed

    /// Trains for this many passes over the images.
    [<CustomOperation "train">]
    member _.Train(recipe: MaskedTrainingRecipe, epochs: int<epoch>) = recipe.Train(int epochs)

/// The F# face of recipes of dense prediction.
type DenseRecipeBuilder(pretraining: Pretraining) =
    member _.Yield(_: unit) = Recipe.For pretraining

    /// Fine-tunes and measures on these pictures.
    [<CustomOperation "data">]
    member _.Data(recipe: DenseModelRecipe, data: DenseData) = recipe.On data

    /// The head; UPerNet, for depth DPT, for boxes the head for boxes unless given.
    [<CustomOperation "head">]
    member _.Head(recipe: DenseTrainingRecipe, head: DenseHeadSpec) = recipe.Head head

    /// The encoder keeps its weights: a probe.
    [<CustomOperation "frozen">]
    member _.Frozen(recipe: DenseTrainingRecipe) = recipe.Frozen()

    /// The factor on the learning rate from one layer to the one before it.
    [<CustomOperation "layer_decay">]
    member _.LayerDecay(recipe: DenseTrainingRecipe, factor: float) = recipe.LayerDecay factor

    /// The largest depth in metres.
    [<CustomOperation "depths">]
    member _.Depths(recipe: DenseTrainingRecipe, most: float) = recipe.Depths most

    /// The optimizer, and the factor on its learning rate over training.
    [<CustomOperation "optimize">]
    member _.Optimize(recipe: DenseTrainingRecipe, optimizer: OptimizerSpec, learningRate: Schedule) =
        recipe.Optimize(optimizer, learningRate)

    /// Largest norm of all gradients together.
    [<CustomOperation "clip">]
    member _.Clip(recipe: DenseTrainingRecipe, norm: float) = recipe.Clip norm

    /// The seed of all streams.
    [<CustomOperation "seed">]
    member _.Seed(recipe: DenseTrainingRecipe, seed: int64) = recipe.Seeded seed

    /// Fine-tunes for this many passes over the pictures.
    [<CustomOperation "train">]
    member _.Train(recipe: DenseTrainingRecipe, epochs: int<epoch>) = recipe.Train(int epochs)

    /// Saves the weights as safetensors in the run's folder.
    [<CustomOperation "save">]
    member _.Save(recipe: TrainedDenseRecipe, file: string) = recipe.Save file

    /// Exports the network as ONNX into the run's folder.
    [<CustomOperation "export">]
    member _.Export(recipe: TrainedDenseRecipe, file: string) = recipe.Export file

/// What a recipe of dense prediction opens.
[<AutoOpen>]
module DenseRecipeDsl =
    /// A recipe for this masked autoencoder.
    let masked_recipe (model: MaeSpec) = MaskedRecipeBuilder model

    /// A recipe of dense prediction for an encoder that learns this first: Pretraining.By of a recipe, or Pretraining.None.
    let dense_recipe (pretraining: Pretraining) = DenseRecipeBuilder pretraining
