using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// How much freed memory the C library keeps for the next allocation. glibc keeps little until it has seen a larger block
/// freed; a decoder's activations (5 MB each at 256 tokens of the 0.5B) then go back to the system and come again, page by
/// page, in every layer. Freeing one block of just under 32 MB, the most that it learns from, ends that.
/// </summary>
internal static class FreedMemory
{
    private static readonly Lazy<bool> Once = new(() =>
    {
        using var untouched = empty(31L << 20, ScalarType.Byte);
        return true;
    });

    /// <summary>
    /// Lets the C library keep up to 64 MB, once per process; elsewhere it does nothing. To be called when the weights are in
    /// memory: then they have places of their own, outside the heap that activations share.
    /// </summary>
    public static void Keep() => _ = Once.Value;
}
