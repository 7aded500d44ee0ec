using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// Ownership of what a custom backward pass returns. Autograd takes its own reference after the callback has returned, so
/// the managed handles may go as soon as the next callback starts; left to the caller's scope they would keep the
/// gradients of every activation alive until the end of the step.
/// </summary>
internal static class NativeGradients
{
    [ThreadStatic]
    private static List<Tensor?>? s_previous;

    public static List<Tensor?> Hand(List<Tensor?> gradients)
    {
        foreach (var tensor in gradients)
            tensor?.DetachFromDisposeScope();
        foreach (var tensor in s_previous ?? [])
            tensor?.Dispose();
        return s_previous = gradients;
    }
}
