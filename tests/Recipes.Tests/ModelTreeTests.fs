module Recipes.Tests.ModelTreeTests

open System
open Expecto
open TorchSharp
open Recipes.Display
open Recipes.Models
open Recipes.Verbs
open Recipes.Tests.Support

type private Net = torch.nn.Module<torch.Tensor, torch.Tensor>

let private lines (texts: string list) = String.Join("\n", texts) + "\n"

let private sequential (parts: (string * Net) list) =
    torch.nn.Sequential [| for name, part in parts -> struct (name, part) |]

let rec private all (node: ModelNode) =
    node :: (node.Children |> Seq.collect all |> List.ofSeq)

[<Tests>]
let tests =
    torchTests
        "model tree"
        [
            testCase "an indented tree with aligned columns; costs where an input is given"
            <| fun () ->
                use net =
                    sequential
                        [
                            "conv", torch.nn.Conv2d(3L, 8L, 3L, stride = 2L, padding = 1L)
                            "norm", torch.nn.BatchNorm2d 8L
                            "head", sequential [ "pool", torch.nn.Flatten(); "linear", torch.nn.Linear(8L * 16L, 10L) ]
                        ]

                Expect.equal
                    (net.Tree().ToString())
                    (lines
                        [
                            "Sequential: 1,530 parameters"
                            "Module         Type                      Parameters"
                            "─────────────  ────────────────────────  ──────────"
                            "Sequential     Sequential                     1,530"
                            "├─ conv        Conv2d 3→8, 3×3, stride 2        224"
                            "├─ norm        BatchNorm2d 8                     16"
                            "└─ head        Sequential                     1,290"
                            "   ├─ pool     Flatten                            0"
                            "   └─ linear   Linear 128→10                  1,290"
                        ])
                    "without an input"

                Expect.equal
                    (net.Tree(3L, 8L, 8L).ToString())
                    (lines
                        [
                            "Sequential: 1,530 parameters, 4,736 MACs for one input of [3, 8, 8]"
                            "Module         Type                      Parameters   MACs  Output"
                            "─────────────  ────────────────────────  ──────────  ─────  ──────"
                            "Sequential     Sequential                     1,530  4,736  [10]"
                            "├─ conv        Conv2d 3→8, 3×3, stride 2        224  3,456  [8, 4, 4]"
                            "├─ norm        BatchNorm2d 8                     16      0  [8, 4, 4]"
                            "└─ head        Sequential                     1,290  1,280  [10]"
                            "   ├─ pool     Flatten                            0      0  [128]"
                            "   └─ linear   Linear 128→10                  1,290  1,280  [10]"
                        ])
                    "with one"

            testCase "totals are the profile's, train-time and folded"
            <| fun () ->
                use model = MobileOne.Mini(10).Build()
                model.eval () |> ignore
                use folded = model.Reparameterize().Model

                for net in [ model; folded ] do
                    let profile = Profile.Of(net, 3L, 32L, 32L)
                    let root = net.Tree(3L, 32L, 32L).Root
                    Expect.equal root.Parameters profile.Parameters "parameters"
                    Expect.equal root.Macs (Nullable profile.Macs) "MACs"
                    Expect.sequenceEqual root.Output [ 10L ] "output"

                Expect.stringContains
                    (model.Tree().ToString())
                    "for one input of [3, 64, 64]"
                    "our own networks know an input"

                let s0 = ModelTree.Of(MobileOne.S0 1000)
                Expect.stringContains (s0.ToString()) "for one input of [3, 224, 224]" "the paper's resolution"
                Expect.isLessThanOrEqual (s0.ToString().Split('\n').Length) 104 "large networks are cut"
                Expect.stringContains (s0.ToString()) "below" "and say so"

            testCase "a module at two places and a shared weight are counted once, but both runs cost"
            <| fun () ->
                use twice = torch.nn.Linear(4L, 4L)
                use tied = torch.nn.Linear(4L, 4L, hasBias = false)
                tied.weight <- twice.weight
                use net = sequential [ "a", twice; "b", sequential [ "again", twice ]; "c", tied ]
                let tree = net.Tree 4L
                Expect.equal tree.Root.Parameters 20L "16 weights and 4 biases"
                Expect.equal tree.Root.Macs (Nullable 48L) "three runs of 16"
                let again = all tree.Root |> List.find (fun n -> n.Name = "again")
                Expect.equal again.SharedWith "a" "the first place"
                Expect.stringContains (tree.ToString()) "Linear 4→4, the same as a" "said so"

            testCase "other modules too: transposed convolutions, recurrent networks, networks in any mode"
            <| fun () ->
                use up = torch.nn.ConvTranspose2d(2L, 3L, 2L, stride = 2L)
                Expect.equal (up.Tree(2L, 4L, 4L).Root.Macs) (Nullable(16L * 2L * 3L * 4L)) "transposed"
                use lstm = torch.nn.LSTM(3L, 4L)
                Expect.stringContains (lstm.Tree().ToString()) "LSTM" "recurrent"
                failsSaying [ "LSTM"; "one tensor to one tensor" ] (fun () -> lstm.Tree(3L, 3L) |> ignore)
                use linear = torch.nn.Linear(3L, 4L)
                failsSaying [ "Linear"; "[1, 5]"; "without the batch" ] (fun () -> linear.Tree(5L) |> ignore)

                use model = MobileOne.Mini(10).Build()
                let parts = model.named_modules () |> Seq.map (fun struct (_, m) -> m) |> List.ofSeq
                parts[3].eval()
                let modes = parts |> List.map _.training
                let live = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                model.Tree(3L, 32L, 32L).ToHtml() |> ignore
                Expect.equal DisposeScopeManager.Statistics.ThreadTotalLiveCount live "live tensors"
                Expect.equal (parts |> List.map _.training) modes "modes"
        ]
