using Recipes.Layers;
using Recipes.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>Whether networks fit images.</summary>
internal static class Classifiers
{
    /// <summary>One line when a network does not give logits of the set's classes for its first image, else none.</summary>
    public static IReadOnlyList<string> Problems(string role, Module<Tensor, Tensor> network, IBatchSource set)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        using var evaluating = new EvaluationMode(network);
        using var batch = set.Epoch(new EpochRequest(0)).First();
        var images = Layout.Prepare(batch.Inputs.narrow(0, 0, 1), network.parameters().First(), channelsLast: false);
        var logits = network.call(images);
        if (logits.dim() == 2 && logits.shape[1] == set.Classes)
            return [];
        var found = string.Join(", ", logits.shape.Skip(1).Select(n => n.ToString()).Prepend("B"));
        return
        [
            $"{role} {network.GetName()}: expected logits [B, {set.Classes}], one for each class of the images, found [{found}]; "
                + $"build it with {set.Classes} classes",
        ];
    }
}
