using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Zero-shot classification in one call. For many images against the same classes make a <see cref="ZeroShotClassifier"/>.</summary>
public static class ZeroShotExtensions
{
    /// <summary>Which caption fits each picture file.</summary>
    /// <param name="model">A network of images and captions.</param>
    /// <param name="images">Files of any sizes.</param>
    /// <param name="prompts">Captions, or class names for the options' templates.</param>
    /// <param name="tokenizer">Null for the vocabulary in the cache.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="RecipesException">No image, no prompt, a bad file, no vocabulary.</exception>
    public static ZeroShotResult ZeroShot<T>(
        this T model,
        IReadOnlyList<string> images,
        IReadOnlyList<string> prompts,
        ClipTokenizer? tokenizer = null,
        ZeroShotOptions? options = null
    )
        where T : Module, IImageText
    {
        using var classifier = ZeroShotClassifier.Of(model, prompts, tokenizer, options);
        return classifier.Classify(images);
    }

    /// <summary>Which caption fits each image of a batch that is preprocessed already.</summary>
    /// <param name="model">A network of images and captions.</param>
    /// <param name="images"><c>[B, 3, R, R]</c>.</param>
    /// <param name="prompts">Captions, or class names for the options' templates.</param>
    /// <param name="tokenizer">Null for the vocabulary in the cache.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>Probabilities <c>[B, N]</c>, float32; each row sums to 1.</returns>
    /// <exception cref="RecipesException">No prompt, images of other sides, no vocabulary.</exception>
    public static Tensor ZeroShot<T>(
        this T model,
        Tensor images,
        IReadOnlyList<string> prompts,
        ClipTokenizer? tokenizer = null,
        ZeroShotOptions? options = null
    )
        where T : Module, IImageText
    {
        using var classifier = ZeroShotClassifier.Of(model, prompts, tokenizer, options);
        return classifier.Probabilities(images);
    }
}
