using Recipes.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

public sealed partial class CoCa
{
    /// <summary>A captioner of any size on an encoder of images.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="image">An encoder with tokens; its head stays unused, so it may have one class.</param>
    /// <param name="size">Pixels a side of the images.</param>
    /// <param name="vocabulary">V; null for that of scenes' captions.</param>
    public static CoCaSpec Of(string name, ModelSpec image, int size, int? vocabulary = null) =>
        new()
        {
            Name = name,
            Image = image.WithClasses(1),
            ImageSize = size,
            Vocabulary = vocabulary ?? ClipTokenizer.Scenes.Vocabulary,
        };

    /// <summary>A captioner of Scenes on a small image encoder, which a laptop trains in a minute (not in the paper).</summary>
    /// <param name="size">Pixels a side of the images.</param>
    /// <param name="width">D.</param>
    /// <param name="image">The image encoder; null for MCi's small form with 24 channels.</param>
    public static CoCaSpec Mini(int size = 32, int width = 96, ModelSpec? image = null) =>
        Of("coca_mini", image ?? Mci.Mini(24), size) with
        {
            Context = 18,
            Width = width,
            Heads = width / 32,
            TextLayers = 1,
            Layers = 2,
            Queries = 16,
            Embedding = 64,
            Normalization = Normalization.Scenes,
        };

    /// <summary>Takes over the weights of a trained image encoder, the tower of a CLIP say; the head stays behind.</summary>
    /// <param name="trained">An encoder of the same spec but for the width of its head.</param>
    /// <exception cref="RecipesException">It is of another spec.</exception>
    public void StartFrom(Module<Tensor, Tensor> trained)
    {
        if (trained is not ISpecified { Spec: var spec } || CanonicalJson.Text(spec.WithClasses(1)) != CanonicalJson.Text(Spec.Image))
            throw new RecipesException(
                $"{Spec.Name}: expected a trained {Spec.Image.Name}, found {(trained as ISpecified)?.Spec.Name ?? trained.GetType().Name} of other sizes. Build the captioner on the encoder that is to be taken over."
            );
        using var _ = no_grad();
        var from = trained.state_dict();
        foreach (var (name, value) in _image.state_dict().Where(v => v.Value.shape.SequenceEqual(from[v.Key].shape)))
            value.copy_(from[name]);
    }
}
