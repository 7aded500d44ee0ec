using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Rows of text and images as a decoder takes them.</summary>
/// <param name="Embeds">Embeddings <c>[B, T, H]</c>, 0 where there is padding.</param>
/// <param name="Mask">Whether it is a token, bool <c>[B, T]</c>.</param>
/// <param name="Labels">int64 <c>[B, T]</c>, -100 for images and padding; null when none were given.</param>
public sealed record SplicedRows(Tensor Embeds, Tensor Mask, Tensor? Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Embeds.Dispose();
        Mask.Dispose();
        Labels?.Dispose();
    }
}
