module Recipes.Cli.Program

open TorchSharp

[<EntryPoint>]
let main argv =
    use x = torch.ones (2L, 3L)
    printfn "%s" (x.sum().ToString())
    use m = torch.empty([| 2L; 3L |], device = torch.device ("meta"))
    use c = torch.nn.Conv2d (3L, 4L, 3L, device = torch.device "meta")
    use y = c.call (torch.empty([| 1L; 3L; 8L; 8L |], device = torch.device ("meta")))
    printfn "%A %d" y.shape (torch.get_num_threads ())
    0
