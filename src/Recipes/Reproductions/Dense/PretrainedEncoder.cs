using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions;

/// <summary>An encoder and what its pretraining took.</summary>
/// <param name="Network">The encoder.</param>
/// <param name="Owner">What frees it.</param>
/// <param name="Seconds">Time of the pretraining.</param>
/// <param name="Samples">Images seen in it.</param>
internal sealed record PretrainedEncoder(Module<Tensor, Tensor> Network, IDisposable Owner, double Seconds, long Samples) : IDisposable
{
    /// <summary>Accuracy of the pretraining's own test in percent; zero-shot where captions taught.</summary>
    public double? Top1 { get; init; }

    public void Dispose() => Owner.Dispose();
}
