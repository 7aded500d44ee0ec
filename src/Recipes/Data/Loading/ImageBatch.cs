using TorchSharp;

namespace Recipes.Data;

/// <summary>
/// Pictures and labels for one step. The batch owns its tensors: they belong to no dispose scope, live until the batch is
/// disposed, and stay alive when the next batch is fetched.
/// </summary>
public sealed class ImageBatch : IDisposable
{
    internal ImageBatch(int number, torch.Tensor images, torch.Tensor labels, IReadOnlyList<int> indices, object? besides = null)
    {
        (Number, Images, Labels, Indices, Besides) = (number, images, labels, indices, besides);
    }

    internal object? Besides { get; }

    /// <summary>The batch's number in its epoch, from 0.</summary>
    public int Number { get; }

    /// <summary><c>[B, 3, H, W]</c> float32 on the CPU, normalised.</summary>
    public torch.Tensor Images { get; }

    /// <summary><c>[B]</c> int64 on the CPU.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>The pictures' indices in the set.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
