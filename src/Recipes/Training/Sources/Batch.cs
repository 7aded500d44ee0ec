using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>One batch. It owns its tensors: they live until it is disposed, whatever scope it was made in.</summary>
public sealed class Batch : IDisposable
{
    /// <summary>Takes the tensors over.</summary>
    /// <param name="inputs">Images <c>[B, C, H, W]</c>, or what the model takes.</param>
    /// <param name="targets">Class indices <c>[B]</c> int64, or soft targets <c>[B, C]</c>.</param>
    /// <param name="indices">The samples' places in the data set, or nothing.</param>
    /// <param name="more">Other tensors by name, such as what teachers said; first dimension B.</param>
    public Batch(Tensor inputs, Tensor targets, IReadOnlyList<int>? indices = null, IReadOnlyDictionary<string, Tensor>? more = null)
    {
        More = more ?? FrozenDictionary<string, Tensor>.Empty;
        foreach (var tensor in More.Values)
            tensor.DetachFromDisposeScope();
        Inputs = inputs.DetachFromDisposeScope();
        Targets = targets.DetachFromDisposeScope();
        Indices = indices ?? [];
    }

    /// <summary>Images <c>[B, C, H, W]</c>, or what the model takes.</summary>
    public Tensor Inputs { get; }

    /// <summary>Class indices <c>[B]</c> int64, or soft targets <c>[B, C]</c>.</summary>
    public Tensor Targets { get; }

    /// <summary>The samples' places in the data set; may be empty.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>Other tensors by name; may be empty.</summary>
    public IReadOnlyDictionary<string, Tensor> More { get; }

    /// <summary>Samples in the batch.</summary>
    public int Count => (int)Inputs.shape[0];

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
        foreach (var tensor in More.Values)
            tensor.Dispose();
    }
}
