import JSON

/// What other servers can do and this one cannot: a client that asks for it is told, rather than given something else.
extension RequestFields {
  /// Refuses what would change an answer but is not supported, unless it asks for nothing.
  func refuseUnsupported() throws(APIError) {
    for (field, neutral) in Self.neutralValues { try refuse(field, except: neutral) }
    for field in Self.unsupported { try refuse(field) }
    if let type = self["response_format"]?["type"]?.string, type != "text" {
      // LangChain knows these words.
      throw .invalid(
        "'response_format' of type '\(type.cut(to: 100))' is not supported with this model; leave it out",
        field: name("response_format"), code: "unsupported_parameter")
    }
    try refuse("response_format", except: ["type": "text"])
    try refuse("repeat_penalty", except: 1, instead: "repetition_penalty")
  }

  /// Numbers and switches, with the value that asks for nothing.
  private static let neutralValues: [(String, JSON)] = [
    ("logit_bias", [:]), ("length_penalty", 1),
    ("early_stopping", false), ("use_beam_search", false), ("include_stop_str_in_output", false),
    ("skip_special_tokens", true), ("spaces_between_special_tokens", true), ("add_special_tokens", true),
    ("typical_p", 1), ("tfs_z", 1), ("mirostat", 0), ("dry_multiplier", 0), ("xtc_probability", 0),
    ("dynatemp_range", 0), ("top_a", 0), ("epsilon_cutoff", 0), ("eta_cutoff", 0), ("no_repeat_ngram_size", 0),
    ("encoder_repetition_penalty", 1), ("num_beams", 1), ("bad_words", []), ("allowed_token_ids", []),
    ("logits_processors", []), ("return_token_ids", false), ("return_tokens_as_token_ids", false), ("n_probs", 0),
    ("samplers", []), ("lora", []), ("structured_outputs", [:]),
  ]

  /// What asks for something by being there.
  private static let unsupported = [
    "grammar", "json_schema", "guided_json", "guided_regex", "guided_choice", "guided_grammar",
    "guided_decoding_backend", "guided_whitespace_pattern", "regex", "ebnf", "structural_tag", "prompt_logprobs",
    "truncate_prompt_tokens", "chat_template", "n_predict", "max_new_tokens", "min_new_tokens", "prediction",
    "web_search_options", "thinking_token_budget", "custom_logit_processor",
  ]
}
