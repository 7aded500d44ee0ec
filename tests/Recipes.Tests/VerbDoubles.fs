/// Tiny images and networks for the verbs.
module Recipes.Tests.VerbDoubles

open Recipes
open Recipes.Data
open Recipes.Models
open Recipes.Training
open Recipes.Verbs
open Recipes.Tests.Support
open TorchSharp

let scenes =
    Datasets.Scenes(40, 24).Sized(16).Augmented(Augment.None.PadCrop(2).Flip()).Batched(16)

let spec width =
    MobileOne.Mini(10, width).WithBranches 1 :> ModelSpec

/// Random weights, in training mode.
let network width seed = (spec width).Build seed

let plan epochs seed =
    TrainPlan(Epochs = epochs, Optimizer = Optim.AdamW 1e-2, Seed = seed)

let options by epochs seed =
    DistillOptions(By = by, Plan = plan epochs seed)

/// The goldens' uniform numbers of a name.
let u (name: string) (i: int) =
    float (Rng.Mix(Rng.Fnv1a name + uint64 i) >>> 11) * (1.0 / float (1UL <<< 53))

let numbers (t: torch.Tensor) =
    use _ = torch.no_grad ()
    t.detach().``to``(torch.float64).contiguous().data<float>().ToArray()

/// The largest difference of two lists of numbers.
let apart (a: float[]) (b: float[]) =
    Array.map2 (fun x y -> abs (x - y)) a b |> Array.max
