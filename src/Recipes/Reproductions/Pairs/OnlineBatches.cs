using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Captioned images whose synthetic captions are made at each step: what training costs without a reinforced set.</summary>
/// <param name="set">The pictures.</param>
/// <param name="real">Batches of them with their own captions.</param>
/// <param name="captioner">Makes one caption of each image a step.</param>
/// <param name="tokenizer">Of the captions.</param>
internal sealed class OnlineBatches(ICaptionedSet set, CaptionBatches real, ICaptioner captioner, ClipTokenizer tokenizer) : IBatchSource
{
    public string Name => $"{real.Name}, captions by {captioner.Name} at each step";

    public int Classes => real.Classes;

    public int BatchesPerEpoch => real.BatchesPerEpoch;

    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        foreach (var batch in real.Epoch(request))
        {
            var made = captioner.Caption([.. batch.Indices.Select(set.Image)], 1, request.Epoch);
            var tokens = tokenizer.Encode([.. made.Select(m => m[0])], (int)batch.Targets.shape[2]);
            var both = cat([batch.Targets, tokens.unsqueeze(1)], 1);
            batch.Targets.Dispose();
            yield return new Batch(batch.Inputs, both, batch.Indices, batch.More);
        }
    }
}
