using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Measures classifiers.</summary>
public static class Evaluator
{
    /// <summary>
    /// Top-1, top-5, mean loss, confusion and sample predictions, in evaluation mode and without gradients. The same set and
    /// weights give the same numbers; the module's mode is restored.
    /// </summary>
    /// <param name="module">Images <c>[B, C, H, W]</c> to logits <c>[B, classes]</c>.</param>
    /// <param name="set">Batches of class indices.</param>
    /// <param name="options">What to keep; nothing unless given.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">The set is empty or its targets are not classes of the module.</exception>
    public static Evaluation Evaluate(
        nn.Module<Tensor, Tensor> module,
        IBatchSource set,
        EvaluationOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new EvaluationOptions();
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var like = module.parameters().First();
        var channelsLast = Layout.ChannelsLastFor(options.ChannelsLast, like);
        var (loss, right, amongFive) = (0.0, 0, 0);
        var confusion = Enumerable.Range(0, set.Classes).Select(_ => new int[set.Classes]).ToArray();
        var all = new List<Prediction>();
        var mode = module.training;
        module.eval();
        try
        {
            foreach (var batch in set.Epoch(new EpochRequest(0)))
            {
                using var owned = batch;
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var logits = module.call(Layout.Prepare(batch.Inputs, like, channelsLast)).to(ScalarType.Float32);
                Check(set, logits, batch.Targets);
                var targets = batch.Targets.to(logits.device);
                loss += nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum).item<float>();
                var (probability, guess) = logits.softmax(1).topk((int)Math.Min(5, logits.shape[1]), 1);
                amongFive += (int)(guess == targets.unsqueeze(1)).any(1).sum().item<long>();
                var first = guess[.., 0].contiguous().cpu().data<long>().ToArray();
                var sure = probability[.., 0].contiguous().cpu().data<float>().ToArray();
                var labels = batch.Targets.cpu().data<long>().ToArray();
                for (var i = 0; i < labels.Length; i++)
                {
                    right += first[i] == labels[i] ? 1 : 0;
                    confusion[labels[i]][first[i]]++;
                    if (options.Samples > 0)
                        all.Add(
                            new Prediction(batch.Indices.Count > 0 ? batch.Indices[i] : all.Count, (int)labels[i], (int)first[i], sure[i])
                        );
                }
            }
        }
        finally
        {
            module.train(mode);
        }
        var count = confusion.Sum(row => row.Sum());
        if (count == 0)
            throw new RecipesException($"{set.Name}: nothing to evaluate; the set has no samples.");
        return new Evaluation
        {
            Count = count,
            Loss = loss / count,
            Top1 = (double)right / count,
            Top5 = (double)amongFive / count,
            Confusion = confusion,
            Samples =
            [
                .. Enumerable
                    .Range(0, Math.Min(options.Samples, all.Count))
                    .Select(i => all[(int)((long)i * all.Count / Math.Min(options.Samples, all.Count))]),
            ],
        };
    }

    private static void Check(IBatchSource set, Tensor logits, Tensor targets)
    {
        if (logits.dim() != 2 || logits.shape[1] != set.Classes || targets.dim() != 1 || targets.dtype != ScalarType.Int64)
            throw new RecipesException(
                $"{set.Name}: expected logits [B, {set.Classes}] and int64 labels [B], found [{string.Join(", ", logits.shape)}] and {targets.dtype} [{string.Join(", ", targets.shape)}]; "
                    + "give the model as many classes as the data has."
            );
    }
}
