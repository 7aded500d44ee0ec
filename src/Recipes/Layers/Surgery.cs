using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

// TorchSharp registers fields once: what changes later has to leave and enter by name, or forward and state_dict part ways.
internal static class Surgery
{
    /// <summary>Takes the branches out of a block and puts their folded form in: in the block's mode, without gradients.</summary>
    public static void Replace(Module block, string name, Module folded, params (string Name, Module? Module)[] branches)
    {
        foreach (var (branch, module) in branches)
        {
            block.register_module(branch, null!);
            module?.Dispose();
        }
        block.register_module(name, folded);
        folded.train(block.training);
        foreach (var parameter in folded.parameters())
            parameter.requires_grad = false;
    }
}
