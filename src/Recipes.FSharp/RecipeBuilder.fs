namespace Recipes.FSharp

open System
open Recipes.Data
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs

/// The F# face of Recipes.Reproductions.Recipe: each operation is one line that calls one C# method. The state's type is
/// the phase, so operations in a wrong order do not compile.
type RecipeBuilder(model: ModelSpec) =
    member _.Yield(_: unit) = Recipe.For model

    /// Trains and measures on these images.
    [<CustomOperation "data">]
    member _.Data(recipe: ModelRecipe, data: ImageData) = recipe.On data

    /// The optimizer, and the factor on its learning rate over training.
    [<CustomOperation "optimize">]
    member _.Optimize(recipe: TrainingRecipe, optimizer: OptimizerSpec, learningRate: Schedule) =
        recipe.Optimize(optimizer, learningRate)

    /// The factor on the weight decay over training.
    [<CustomOperation "anneal_weight_decay">]
    member _.AnnealWeightDecay(recipe: TrainingRecipe, schedule: Schedule) = recipe.AnnealWeightDecay schedule

    /// ε of the target (1 − ε)·onehot + ε/C.
    [<CustomOperation "label_smoothing">]
    member _.LabelSmoothing(recipe: TrainingRecipe, epsilon: float) = recipe.LabelSmoothing epsilon

    /// Mixup with Beta(α, α).
    [<CustomOperation "mixup">]
    member _.Mixup(recipe: TrainingRecipe, alpha: float) = recipe.Mixup alpha

    /// Cutmix with Beta(α, α).
    [<CustomOperation "cutmix">]
    member _.CutMix(recipe: TrainingRecipe, alpha: float) = recipe.CutMix alpha

    /// A moving average of the weights.
    [<CustomOperation "ema">]
    member _.Ema(recipe: TrainingRecipe, decay: float) = recipe.Ema decay

    /// A moving average of the weights whose decay starts small, for short trainings.
    [<CustomOperation "ema_with_warmup">]
    member _.EmaWithWarmup(recipe: TrainingRecipe, decay: float) = recipe.Ema(decay, warmup = true)

    /// Largest norm of all gradients together.
    [<CustomOperation "clip">]
    member _.Clip(recipe: TrainingRecipe, norm: float) = recipe.Clip norm

    /// Batches that make one optimizer step.
    [<CustomOperation "accumulate">]
    member _.Accumulate(recipe: TrainingRecipe, batches: int) = recipe.Accumulate batches

    /// Progressive resolution and augmentation strength.
    [<CustomOperation "progressive">]
    member _.Progressive(recipe: TrainingRecipe, phases: ResolutionPhase seq) = recipe.Progressive(Array.ofSeq phases)

    /// Learns from a teacher too, a recipe that runs first; see Recipes.Verbs.Loss.
    [<CustomOperation "distill">]
    member _.Distill(recipe: TrainingRecipe, from: IRecipe, by: SoftTargets) = recipe.Distill(from, by)

    /// Learns from several teachers too, from the average of what they say.
    [<CustomOperation "distill">]
    member _.Distill(recipe: TrainingRecipe, from: IRecipe list, by: SoftTargets) = recipe.Distill(from, by)

    /// Learns from a teacher too, by several losses: Loss.SoftTargets 2.0 + Loss.Feature("stage3", "stage3").
    [<CustomOperation "distill">]
    member _.Distill(recipe: TrainingRecipe, from: IRecipe, by: DistillTargets) = recipe.Distill(from, by)

    /// Learns from several teachers too, by several losses.
    [<CustomOperation "distill">]
    member _.Distill(recipe: TrainingRecipe, from: IRecipe list, by: DistillTargets) = recipe.Distill(from, by)

    /// The seed of all streams.
    [<CustomOperation "seed">]
    member _.Seed(recipe: TrainingRecipe, seed: int64) = recipe.Seeded seed

    /// Trains for this many passes over the data.
    [<CustomOperation "train">]
    member _.Train(recipe: TrainingRecipe, epochs: int<epoch>) = recipe.Train(int epochs)

    /// Folds the trained network; the run fails when outputs move by more than the tolerance, relative.
    [<CustomOperation "reparameterize">]
    member _.Reparameterize(recipe: TrainedRecipe, tolerance: float) = recipe.Reparameterize tolerance

    /// Measures the trained network on corrupted test images too.
    [<CustomOperation "corrupt">]
    member _.Corrupt(recipe: TrainedRecipe, kinds: CorruptionKind seq) = recipe.Corrupt(Array.ofSeq kinds)

    /// Saves the trained weights as safetensors in the run's folder.
    [<CustomOperation "save">]
    member _.Save(recipe: TrainedRecipe, file: string) = recipe.Save file

    /// Measures the folded network on corrupted test images too.
    [<CustomOperation "corrupt">]
    member _.Corrupt(recipe: FoldedRecipe, kinds: CorruptionKind seq) = recipe.Corrupt(Array.ofSeq kinds)

    /// Saves the folded weights as safetensors in the run's folder.
    [<CustomOperation "save">]
    member _.Save(recipe: FoldedRecipe, file: string) = recipe.Save file

    /// Exports the trained network as ONNX into the run's folder.
    [<CustomOperation "export">]
    member _.Export(recipe: TrainedRecipe, file: string) = recipe.Export file

    /// Exports the folded network as ONNX into the run's folder.
    [<CustomOperation "export">]
    member _.Export(recipe: FoldedRecipe, file: string) = recipe.Export file

/// What a recipe or reproduction file opens.
[<AutoOpen>]
module RecipeDsl =
    /// A recipe for this network.
    let recipe (model: ModelSpec) = RecipeBuilder model

    /// Images of a source: their side, what happens to training images, and images of a batch.
    let images (source: ImageSource) (side: int<px>) (augment: Augment) (batch: int<image>) =
        source.Sized(int side).Augmented(augment).Batched(int batch)

    /// Gives a bare number its unit, where the number comes from a setting.
    let inline unit'<[<Measure>] 'u> (value: int) : int<'u> =
        LanguagePrimitives.Int32WithMeasure value
