// A reproduction small enough for tests of the command: three epochs of a small network, no other measurements.
#if INTERACTIVE
#r "../../bin/TorchSharp.dll"
#r "../../bin/Recipes.dll"
#r "../../bin/Recipes.FSharp.dll"
#endif
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training

let images' = Setting.Whole("train", 200, 200, 200, "training images")
let epochs = Setting.Whole("epochs", 3, 3, 3, "passes over the training images")

let tiny =
    reproduction (Paper("tiny", "A test", "none", [| "reparameterize" |])) {
        settings [ images'; epochs ]

        arm "only" (fun s number ->
            recipe (MobileOne.Mini(10, 8)) {
                data (images (Datasets.Scenes(s.Get images', 60)) 24<px> (Augment.None.Flip()) 20<image>)
                optimize (Optim.Sgd 0.05) (Schedule.Cosine())
                mixup 0.2
                ema_with_warmup 0.9
                seed number
                train (s.Get epochs * 1<epoch>)
                reparameterize 1e-4
                save "folded.safetensors"
            }
            :> IRecipe)

        claim
            "loss"
            Exact
            "The loss is finite."
            (paper "nowhere" "finite")
            "nats"
            (fun run -> measured run.["only"].TrainLoss.Mean "")
            (atLeast 0.0)
    }
