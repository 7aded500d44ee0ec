using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>The cases of a Qwen2 golden: a row of ids alone, two rows of which one is padded, and embeddings.</summary>
internal static class Qwen2Parity
{
    public static IEnumerable<ParityCheck> Compare(GoldenFile golden, Decoder model, ModuleTaps taps)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (ids, idsCheck) = DecoderParity.Tokens(golden, "input:qwen2:ids", model.Spec.Vocabulary);
        var (embeds, embedsChecks) = DecoderParity.Signed(golden, "input:qwen2:embeds");
        var mask = tensor(golden.Inputs.First(i => i.Name == "mask").Integers().ToArray(), ids.shape);
        var one = model.Hidden(model.Embed(ids[..1]));
        var padded = model.Hidden(model.Embed(ids), mask);
        var given = model.Hidden(embeds);
        var spec = model.Spec;
        var rotary = RotaryTable.Of(arange(ids.shape[1]), RotaryTable.Frequencies(spec.HeadWidth, spec.RotaryBase), ScalarType.Float32);
        var outputs = DecoderParity.Outputs(
            golden,
            record =>
                record.Name switch
                {
                    "rope_cos" => DecoderParity.Both(rotary.Cosine).unsqueeze(0),
                    "rope_sin" => DecoderParity.Both(rotary.Sine).unsqueeze(0),
                    "ids.hidden" => one,
                    "ids.logits" => model.Logits(one),
                    "masked.hidden_valid" => padded[mask.ne(0)],
                    "masked.logits_last_valid" => model.NextOf(padded, mask),
                    "embeds.hidden" => given,
                    "embeds.logits" => model.Logits(given),
                    _ when record.Name.StartsWith("probe:", StringComparison.Ordinal) => DecoderParity.Probe(model, record),
                    _ => null,
                }
        );
        return [idsCheck, .. embedsChecks, .. taps.Compare(golden.Checkpoints), .. outputs];
    }
}
