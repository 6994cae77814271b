export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      agent_jobs: {
        Row: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        ComputedFields: never;
        Insert: {
          agent_type: string;
          campaign_id?: string | null;
          completed_at?: string | null;
          cost?: number;
          created_at?: string;
          duration_seconds?: never;
          error_code?: Database["public"]["Enums"]["job_error_code"] | null;
          error_message?: string | null;
          id?: string;
          idempotency_key?: string | null;
          input_data: NonNullable<Json>;
          max_cost?: number;
          max_retries?: number;
          output_data?: Json | null;
          priority?: number;
          retry_count?: number;
          run_after?: string | null;
          started_at?: string | null;
          status?: Database["public"]["Enums"]["job_status"];
          tokens_used?: number;
          updated_at?: string;
          user_id?: string;
          waiting_for?: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        Update: {
          agent_type?: string;
          campaign_id?: string | null;
          completed_at?: string | null;
          cost?: number;
          created_at?: string;
          duration_seconds?: never;
          error_code?: Database["public"]["Enums"]["job_error_code"] | null;
          error_message?: string | null;
          id?: string;
          idempotency_key?: string | null;
          input_data?: NonNullable<Json>;
          max_cost?: number;
          max_retries?: number;
          output_data?: Json | null;
          priority?: number;
          retry_count?: number;
          run_after?: string | null;
          started_at?: string | null;
          status?: Database["public"]["Enums"]["job_status"];
          tokens_used?: number;
          updated_at?: string;
          user_id?: string;
          waiting_for?: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_jobs_user_id_campaign_id_fkey";
            columns: ["user_id", "campaign_id"];
            isOneToOne: false;
            referencedRelation: "campaigns";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "agent_jobs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      budget_entries: {
        Row: {
          agent_job_id: string | null;
          campaign_id: string | null;
          cost: number;
          created_at: string;
          description: string | null;
          id: string;
          model_used: string | null;
          price_id: number | null;
          provider_request_id: string | null;
          quantity: number | null;
          resource_type: Database["public"]["Enums"]["resource_type"];
          tokens_used: number;
          updated_at: string;
          usage_kind: Database["public"]["Enums"]["usage_kind"] | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_job_id?: string | null;
          campaign_id?: string | null;
          cost: number;
          created_at?: string;
          description?: string | null;
          id?: string;
          model_used?: string | null;
          price_id?: number | null;
          provider_request_id?: string | null;
          quantity?: number | null;
          resource_type: Database["public"]["Enums"]["resource_type"];
          tokens_used?: number;
          updated_at?: string;
          usage_kind?: Database["public"]["Enums"]["usage_kind"] | null;
          user_id?: string;
        };
        Update: {
          agent_job_id?: string | null;
          campaign_id?: string | null;
          cost?: number;
          created_at?: string;
          description?: string | null;
          id?: string;
          model_used?: string | null;
          price_id?: number | null;
          provider_request_id?: string | null;
          quantity?: number | null;
          resource_type?: Database["public"]["Enums"]["resource_type"];
          tokens_used?: number;
          updated_at?: string;
          usage_kind?: Database["public"]["Enums"]["usage_kind"] | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "budget_entries_user_id_agent_job_id_fkey";
            columns: ["user_id", "agent_job_id"];
            isOneToOne: false;
            referencedRelation: "agent_jobs";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "budget_entries_user_id_campaign_id_fkey";
            columns: ["user_id", "campaign_id"];
            isOneToOne: false;
            referencedRelation: "campaigns";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "budget_entries_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      campaigns: {
        Row: {
          budget: number;
          budget_remaining: number;
          budget_used_percentage: number;
          clicks: number;
          conversions: number;
          created_at: string;
          description: string | null;
          end_date: string | null;
          id: string;
          impressions: number;
          name: string;
          roi: number;
          spend: number;
          start_date: string;
          status: Database["public"]["Enums"]["campaign_status"];
          updated_at: string;
          user_id: string;
          reserved: number | null;
        };
        ComputedFields: "reserved";
        Insert: {
          budget?: number;
          budget_remaining?: never;
          budget_used_percentage?: never;
          clicks?: number;
          conversions?: number;
          created_at?: string;
          description?: string | null;
          end_date?: string | null;
          id?: string;
          impressions?: number;
          name: string;
          roi?: number;
          spend?: number;
          start_date: string;
          status?: Database["public"]["Enums"]["campaign_status"];
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          budget?: number;
          budget_remaining?: never;
          budget_used_percentage?: never;
          clicks?: number;
          conversions?: number;
          created_at?: string;
          description?: string | null;
          end_date?: string | null;
          id?: string;
          impressions?: number;
          name?: string;
          roi?: number;
          spend?: number;
          start_date?: string;
          status?: Database["public"]["Enums"]["campaign_status"];
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "campaigns_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      circle_embeddings: {
        Row: {
          circle_id: number;
          content_hash: string;
          created_at: string;
          embedding: unknown;
          model_used: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          circle_id: number;
          content_hash: string;
          created_at?: string;
          embedding: unknown;
          model_used: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          circle_id?: number;
          content_hash?: string;
          created_at?: string;
          embedding?: unknown;
          model_used?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "circle_embeddings_user_id_circle_id_fkey";
            columns: ["user_id", "circle_id"];
            isOneToOne: false;
            referencedRelation: "circles";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "circle_embeddings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      circles: {
        Row: {
          care_frequency: number;
          circle_name: string;
          created_at: string;
          description: string | null;
          id: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          care_frequency?: number;
          circle_name: string;
          created_at?: string;
          description?: string | null;
          id?: never;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          care_frequency?: number;
          circle_name?: string;
          created_at?: string;
          description?: string | null;
          id?: never;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "circles_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      content_assets: {
        Row: {
          agent_job_id: string | null;
          campaign_id: string | null;
          content: string;
          content_type: Database["public"]["Enums"]["content_type"];
          created_at: string;
          id: string;
          metadata: NonNullable<Json>;
          status: Database["public"]["Enums"]["content_status"];
          title: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_job_id?: string | null;
          campaign_id?: string | null;
          content: string;
          content_type: Database["public"]["Enums"]["content_type"];
          created_at?: string;
          id?: string;
          metadata?: NonNullable<Json>;
          status?: Database["public"]["Enums"]["content_status"];
          title: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          agent_job_id?: string | null;
          campaign_id?: string | null;
          content?: string;
          content_type?: Database["public"]["Enums"]["content_type"];
          created_at?: string;
          id?: string;
          metadata?: NonNullable<Json>;
          status?: Database["public"]["Enums"]["content_status"];
          title?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "content_assets_user_id_agent_job_id_fkey";
            columns: ["user_id", "agent_job_id"];
            isOneToOne: false;
            referencedRelation: "agent_jobs";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "content_assets_user_id_campaign_id_fkey";
            columns: ["user_id", "campaign_id"];
            isOneToOne: false;
            referencedRelation: "campaigns";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "content_assets_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      intention_cares: {
        Row: {
          created_at: string;
          id: number;
          intention_id: number;
          thought_id: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: never;
          intention_id: number;
          thought_id: number;
          user_id?: string;
        };
        Update: {
          created_at?: string;
          id?: never;
          intention_id?: number;
          thought_id?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "intention_cares_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "intention_cares_user_id_intention_id_fkey";
            columns: ["user_id", "intention_id"];
            isOneToOne: false;
            referencedRelation: "intentions";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "intention_cares_user_id_thought_id_fkey";
            columns: ["user_id", "thought_id"];
            isOneToOne: false;
            referencedRelation: "thoughts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      intentions: {
        Row: {
          created_at: string;
          id: number;
          intention_text: string;
          status: Database["public"]["Enums"]["intention_status"];
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: never;
          intention_text: string;
          status?: Database["public"]["Enums"]["intention_status"];
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          created_at?: string;
          id?: never;
          intention_text?: string;
          status?: Database["public"]["Enums"]["intention_status"];
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "intentions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      memory_embeddings: {
        Row: {
          code: unknown;
          content_hash: string;
          created_at: string;
          embedding: unknown;
          memory_id: string;
          model_used: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          code?: never;
          content_hash: string;
          created_at?: string;
          embedding: unknown;
          memory_id: string;
          model_used: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          code?: never;
          content_hash?: string;
          created_at?: string;
          embedding?: unknown;
          memory_id?: string;
          model_used?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "memory_embeddings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "memory_embeddings_user_id_memory_id_fkey";
            columns: ["user_id", "memory_id"];
            isOneToOne: false;
            referencedRelation: "personal_memories";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      personal_memories: {
        Row: {
          confidence: number;
          content: string;
          created_at: string;
          id: string;
          model_used: string | null;
          prompt_version: string | null;
          source: string | null;
          superseded_by: string | null;
          updated_at: string;
          user_id: string;
          valid_from: string;
          valid_to: string | null;
        };
        ComputedFields: never;
        Insert: {
          confidence?: number;
          content: string;
          created_at?: string;
          id?: string;
          model_used?: string | null;
          prompt_version?: string | null;
          source?: string | null;
          superseded_by?: string | null;
          updated_at?: string;
          user_id?: string;
          valid_from?: string;
          valid_to?: string | null;
        };
        Update: {
          confidence?: number;
          content?: string;
          created_at?: string;
          id?: string;
          model_used?: string | null;
          prompt_version?: string | null;
          source?: string | null;
          superseded_by?: string | null;
          updated_at?: string;
          user_id?: string;
          valid_from?: string;
          valid_to?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "personal_memories_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "personal_memories_user_id_superseded_by_fkey";
            columns: ["user_id", "superseded_by"];
            isOneToOne: false;
            referencedRelation: "personal_memories";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      personas: {
        Row: {
          agent_job_id: string | null;
          cost: number;
          created_at: string;
          id: string;
          model_used: string | null;
          persona: NonNullable<Json>;
          prompt_version: string | null;
          raw_text: string;
          replaces: string | null;
          source: string | null;
          title: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_job_id?: string | null;
          cost?: number;
          created_at?: string;
          id?: string;
          model_used?: string | null;
          persona: NonNullable<Json>;
          prompt_version?: string | null;
          raw_text: string;
          replaces?: string | null;
          source?: string | null;
          title?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          agent_job_id?: string | null;
          cost?: number;
          created_at?: string;
          id?: string;
          model_used?: string | null;
          persona?: NonNullable<Json>;
          prompt_version?: string | null;
          raw_text?: string;
          replaces?: string | null;
          source?: string | null;
          title?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "personas_user_id_agent_job_id_fkey";
            columns: ["user_id", "agent_job_id"];
            isOneToOne: false;
            referencedRelation: "agent_jobs";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "personas_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "personas_user_id_replaces_fkey";
            columns: ["user_id", "replaces"];
            isOneToOne: false;
            referencedRelation: "personas";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      stories: {
        Row: {
          completed_at: string;
          created_at: string;
          id: number;
          intention_id: number | null;
          story_text: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          completed_at?: string;
          created_at?: string;
          id?: never;
          intention_id?: number | null;
          story_text: string;
          user_id?: string;
        };
        Update: {
          completed_at?: string;
          created_at?: string;
          id?: never;
          intention_id?: number | null;
          story_text?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "stories_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "stories_user_id_intention_id_fkey";
            columns: ["user_id", "intention_id"];
            isOneToOne: false;
            referencedRelation: "intentions";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      tasks: {
        Row: {
          completed: boolean;
          created_at: string;
          description: string | null;
          id: number;
          title: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          completed?: boolean;
          created_at?: string;
          description?: string | null;
          id?: never;
          title: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          completed?: boolean;
          created_at?: string;
          description?: string | null;
          id?: never;
          title?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tasks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      thought_embeddings: {
        Row: {
          code: unknown;
          content_hash: string;
          created_at: string;
          embedding: unknown;
          model_used: string;
          thought_id: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          code?: never;
          content_hash: string;
          created_at?: string;
          embedding: unknown;
          model_used: string;
          thought_id: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          code?: never;
          content_hash?: string;
          created_at?: string;
          embedding?: unknown;
          model_used?: string;
          thought_id?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "thought_embeddings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "thought_embeddings_user_id_thought_id_fkey";
            columns: ["user_id", "thought_id"];
            isOneToOne: false;
            referencedRelation: "thoughts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      thought_relationships: {
        Row: {
          created_at: string;
          from_thought_id: number;
          id: number;
          kind: Database["public"]["Enums"]["thought_relationship_kind"];
          note: string | null;
          to_thought_id: number;
          user_id: string;
          weight: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          from_thought_id: number;
          id?: never;
          kind?: Database["public"]["Enums"]["thought_relationship_kind"];
          note?: string | null;
          to_thought_id: number;
          user_id?: string;
          weight?: number;
        };
        Update: {
          created_at?: string;
          from_thought_id?: number;
          id?: never;
          kind?: Database["public"]["Enums"]["thought_relationship_kind"];
          note?: string | null;
          to_thought_id?: number;
          user_id?: string;
          weight?: number;
        };
        Relationships: [
          {
            foreignKeyName: "thought_relationships_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "thought_relationships_user_id_from_thought_id_fkey";
            columns: ["user_id", "from_thought_id"];
            isOneToOne: false;
            referencedRelation: "thoughts";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "thought_relationships_user_id_to_thought_id_fkey";
            columns: ["user_id", "to_thought_id"];
            isOneToOne: false;
            referencedRelation: "thoughts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      thoughts: {
        Row: {
          circle_id: number | null;
          created_at: string;
          id: number;
          novelty_score: number | null;
          placed_by: Database["public"]["Enums"]["arranger"] | null;
          reflection: string | null;
          tags: string[] | null;
          thought_text: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          circle_id?: number | null;
          created_at?: string;
          id?: never;
          novelty_score?: number | null;
          placed_by?: Database["public"]["Enums"]["arranger"] | null;
          reflection?: string | null;
          tags?: string[] | null;
          thought_text: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          circle_id?: number | null;
          created_at?: string;
          id?: never;
          novelty_score?: number | null;
          placed_by?: Database["public"]["Enums"]["arranger"] | null;
          reflection?: string | null;
          tags?: string[] | null;
          thought_text?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "thoughts_user_id_circle_id_fkey";
            columns: ["user_id", "circle_id"];
            isOneToOne: false;
            referencedRelation: "circles";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "thoughts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_preferences: {
        Row: {
          communication_preferences: Json | null;
          created_at: string;
          custom_hours: Json | null;
          id: string;
          onboarding_completed: boolean;
          theme: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          communication_preferences?: Json | null;
          created_at?: string;
          custom_hours?: Json | null;
          id?: string;
          onboarding_completed?: boolean;
          theme?: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          communication_preferences?: Json | null;
          created_at?: string;
          custom_hours?: Json | null;
          id?: string;
          onboarding_completed?: boolean;
          theme?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_spend_limits: {
        Row: {
          created_at: string;
          max_queued_jobs: number | null;
          monthly_limit: number | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          max_queued_jobs?: number | null;
          monthly_limit?: number | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          max_queued_jobs?: number | null;
          monthly_limit?: number | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_spend_limits_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      users: {
        Row: {
          auth_user_id: string | null;
          clerk_user_id: string | null;
          created_at: string;
          email: string | null;
          id: string;
          is_anonymous: boolean;
          name: string;
          phone: string | null;
          timezone: string;
          updated_at: string;
          vibe_profile: Json | null;
        };
        ComputedFields: never;
        Insert: {
          auth_user_id?: string | null;
          clerk_user_id?: string | null;
          created_at?: string;
          email?: string | null;
          id?: string;
          is_anonymous?: boolean;
          name: string;
          phone?: string | null;
          timezone?: string;
          updated_at?: string;
          vibe_profile?: Json | null;
        };
        Update: {
          auth_user_id?: string | null;
          clerk_user_id?: string | null;
          created_at?: string;
          email?: string | null;
          id?: string;
          is_anonymous?: boolean;
          name?: string;
          phone?: string | null;
          timezone?: string;
          updated_at?: string;
          vibe_profile?: Json | null;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      add_embedding_model: { Args: { name: string }; Returns: number };
      await_agent_jobs: { Args: { worker_id: string }; Returns: undefined };
      backend_health: { Args: Record<PropertyKey, never>; Returns: Json };
      book_embeddings: { Args: { model: string; request_id: string; usage: Json }; Returns: undefined };
      book_late_usage: { Args: { job_id: string; usage: Json }; Returns: undefined };
      cancel_agent_job: {
        Args: { job_id: string };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      claim_agent_jobs: {
        Args: { agent_types?: string[]; batch_size?: number; lease_seconds?: number; worker_id: string };
        Returns: {
          agent_type: string;
          campaign_id: string;
          id: string;
          input_data: Json;
          lease_expires_at: string;
          lease_token: string;
          max_cost: number;
          max_retries: number;
          retry_count: number;
          user_id: string;
        }[];
      };
      claim_embeddings: {
        Args: { batch_size?: number; for_user_id?: string; lease_seconds?: number; model?: string; worker_id: string };
        Returns: {
          attempts: number;
          content: string;
          content_hash: string;
          id: number;
          kind: string;
          lease_token: string;
          model_used: string;
          user_id: string;
        }[];
      };
      complete_agent_job: {
        Args: { assets?: Json; job_id: string; lease_token: string; output_data: Json; usage?: Json };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      complete_intention: {
        Args: { intention_id: number; story_text: string };
        Returns: {
          completed_at: string;
          created_at: string;
          id: number;
          intention_id: number | null;
          story_text: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "stories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      discover: {
        Args: { match_count?: number };
        Returns: {
          affinity: number;
          circle_id: number;
          id: number;
          kind: string;
          novelty: number;
          recency: number;
          score: number;
          title: string;
        }[];
      };
      drop_embedding_model: { Args: { batch_size?: number; name: string }; Returns: number };
      embedding_health: {
        Args: Record<PropertyKey, never>;
        Returns: {
          embedded: number;
          failed: number;
          kind: string;
          missing: number;
          model: string;
          oldest: string;
          stale: number;
          state: string;
          unpaid: number;
        }[];
      };
      embedding_payer: { Args: { model: string }; Returns: string };
      enqueue_agent_job: {
        Args: {
          agent_type: string;
          campaign_id?: string;
          idempotency_key?: string;
          input_data: Json;
          max_cost?: number;
          max_retries?: number;
          priority?: number;
          run_after?: string;
        };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      enqueue_agent_jobs: { Args: { jobs: Json }; Returns: string[] };
      ensure_user: {
        Args: Record<PropertyKey, never>;
        Returns: {
          auth_user_id: string | null;
          clerk_user_id: string | null;
          created_at: string;
          email: string | null;
          id: string;
          is_anonymous: boolean;
          name: string;
          phone: string | null;
          timezone: string;
          updated_at: string;
          vibe_profile: Json | null;
        };
        SetofOptions: {
          from: "*";
          to: "users";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      exchange_agent_jobs: {
        Args: {
          agent_types?: string[];
          batch_size?: number;
          lease_seconds?: number;
          results?: Json;
          worker_id: string;
        };
        Returns: Json;
      };
      fail_agent_job: {
        Args: {
          error_code?: Database["public"]["Enums"]["job_error_code"];
          error_message: string;
          job_id: string;
          lease_token: string;
          retryable?: boolean;
          usage?: Json;
        };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      forget_all: { Args: Record<PropertyKey, never>; Returns: number };
      get_campaign_figures: {
        Args: { campaign_ids?: string[]; for_user_id: string };
        Returns: {
          budget: number;
          budget_remaining: number;
          click_rate: number;
          clicks: number;
          conversion_rate: number;
          conversions: number;
          cost_per_click: number;
          cost_per_conversion: number;
          id: string;
          impressions: number;
          name: string;
          reserved: number;
          roi: number;
          spend: number;
          status: Database["public"]["Enums"]["campaign_status"];
        }[];
      };
      get_daily_costs: {
        Args: { from_day: string; to_day: string };
        Returns: {
          cost: number;
          day: string;
          model: string;
          tokens_used: number;
        }[];
      };
      get_embedding_models: {
        Args: Record<PropertyKey, never>;
        Returns: {
          name: string;
          state: string;
        }[];
      };
      get_memories_to_consolidate: { Args: { job_id: string; lease_token: string }; Returns: Json };
      get_model_prices: { Args: { model: string }; Returns: Json };
      get_thoughts_to_organize: { Args: { job_id: string; lease_token: string }; Returns: Json };
      heartbeat_agent_job: {
        Args: { job_id: string; lease_seconds?: number; lease_token: string };
        Returns: undefined;
      };
      heartbeat_agent_jobs: { Args: { lease_seconds?: number; leases: Json }; Returns: string[] };
      match_memories: {
        Args: { as_of?: string; match_count?: number; match_threshold?: number; query_embedding: string };
        Returns: {
          confidence: number;
          content: string;
          created_at: string;
          id: string;
          similarity: number;
          source: string;
          superseded_by: string;
          valid_from: string;
          valid_to: string;
        }[];
      };
      match_thoughts: {
        Args: { in_circle_id?: number; match_count?: number; match_threshold?: number; query_embedding: string };
        Returns: {
          circle_id: number;
          created_at: string;
          id: number;
          similarity: number;
          tags: string[];
          thought_text: string;
        }[];
      };
      monthly_spending: { Args: Record<PropertyKey, never>; Returns: Json };
      refresh_vibe_profile: { Args: Record<PropertyKey, never>; Returns: Json };
      related_thoughts: {
        Args: { match_count?: number; thought_id: number };
        Returns: {
          circle_id: number;
          created_at: string;
          id: number;
          relationship: Database["public"]["Enums"]["thought_relationship_kind"];
          similarity: number;
          thought_text: string;
        }[];
      };
      release_agent_job: {
        Args: { job_id: string; lease_token: string };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      remember: {
        Args: { confidence?: number; content: string; source?: string; valid_from?: string };
        Returns: {
          confidence: number;
          content: string;
          created_at: string;
          id: string;
          model_used: string | null;
          prompt_version: string | null;
          source: string | null;
          superseded_by: string | null;
          updated_at: string;
          user_id: string;
          valid_from: string;
          valid_to: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "personal_memories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reserved: {
        Args: {
          campaign: Omit<
            Database["public"]["Tables"]["campaigns"]["Row"],
            Database["public"]["Tables"]["campaigns"]["ComputedFields"]
          >;
        };
        Returns: number;
      };
      restore_memory: {
        Args: { memory_id: string };
        Returns: {
          confidence: number;
          content: string;
          created_at: string;
          id: string;
          model_used: string | null;
          prompt_version: string | null;
          source: string | null;
          superseded_by: string | null;
          updated_at: string;
          user_id: string;
          valid_from: string;
          valid_to: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "personal_memories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      retry_agent_job: {
        Args: { job_id: string };
        Returns: {
          agent_type: string;
          campaign_id: string | null;
          completed_at: string | null;
          cost: number;
          created_at: string;
          duration_seconds: number | null;
          error_code: Database["public"]["Enums"]["job_error_code"] | null;
          error_message: string | null;
          id: string;
          idempotency_key: string | null;
          input_data: NonNullable<Json>;
          max_cost: number;
          max_retries: number;
          output_data: Json | null;
          priority: number;
          retry_count: number;
          run_after: string | null;
          started_at: string | null;
          status: Database["public"]["Enums"]["job_status"];
          tokens_used: number;
          updated_at: string;
          user_id: string;
          waiting_for: Database["public"]["Enums"]["job_wait_reason"] | null;
        };
        SetofOptions: {
          from: "*";
          to: "agent_jobs";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      retry_failed_embeddings: { Args: Record<PropertyKey, never>; Returns: number };
      search: {
        Args: {
          kinds?: Database["public"]["Enums"]["search_kind"][];
          match_count?: number;
          query: string;
          query_embedding?: string;
        };
        Returns: {
          created_at: string;
          id: string;
          kind: Database["public"]["Enums"]["search_kind"];
          rank: number;
          snippet: string;
          title: string;
        }[];
      };
      set_model_price: {
        Args: {
          model: string;
          per?: number;
          price: number;
          usage_kind: Database["public"]["Enums"]["usage_kind"];
          valid_from?: string;
        };
        Returns: undefined;
      };
      store_embeddings: { Args: { results: Json }; Returns: Json };
      supersede_memory: {
        Args: { at?: string; new_id: string; old_id: string };
        Returns: {
          confidence: number;
          content: string;
          created_at: string;
          id: string;
          model_used: string | null;
          prompt_version: string | null;
          source: string | null;
          superseded_by: string | null;
          updated_at: string;
          user_id: string;
          valid_from: string;
          valid_to: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "personal_memories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      switch_embedding_model: { Args: { is_forced?: boolean; name: string }; Returns: undefined };
      update_persona: {
        Args: { changes: Json; persona_id: string };
        Returns: {
          agent_job_id: string | null;
          cost: number;
          created_at: string;
          id: string;
          model_used: string | null;
          persona: NonNullable<Json>;
          prompt_version: string | null;
          raw_text: string;
          replaces: string | null;
          source: string | null;
          title: string | null;
          updated_at: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "personas";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
    };
    Enums: {
      arranger: "user" | "organizer";
      campaign_status: "draft" | "active" | "paused" | "completed" | "archived";
      content_status: "draft" | "review" | "approved" | "published" | "archived";
      content_type: "blog" | "email" | "social" | "video_script" | "ad_copy" | "landing_page";
      intention_status: "active" | "completed" | "archived";
      job_error_code:
        | "invalid_input"
        | "invalid_answer"
        | "refused"
        | "truncated"
        | "over_max_cost"
        | "unknown_price"
        | "rate_limited"
        | "provider_unavailable"
        | "timed_out"
        | "aborted"
        | "worker_failed"
        | "lease_expired";
      job_status: "pending" | "running" | "completed" | "failed" | "cancelled";
      job_wait_reason: "campaign_budget" | "campaign_paused" | "monthly_limit";
      resource_type: "openai_api" | "web_search" | "file_search" | "image_generation" | "embedding" | "ad_spend";
      search_kind: "thought" | "memory" | "persona" | "task" | "story" | "content";
      thought_relationship_kind: "semantic" | "explicit";
      usage_kind: "input" | "cached_input" | "output" | "reasoning" | "image" | "search" | "embedding";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema["Tables"] & DefaultSchema["Views"]) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema["CompositeTypes"] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {
      arranger: ["user", "organizer"],
      campaign_status: ["draft", "active", "paused", "completed", "archived"],
      content_status: ["draft", "review", "approved", "published", "archived"],
      content_type: ["blog", "email", "social", "video_script", "ad_copy", "landing_page"],
      intention_status: ["active", "completed", "archived"],
      job_error_code: [
        "invalid_input",
        "invalid_answer",
        "refused",
        "truncated",
        "over_max_cost",
        "unknown_price",
        "rate_limited",
        "provider_unavailable",
        "timed_out",
        "aborted",
        "worker_failed",
        "lease_expired",
      ],
      job_status: ["pending", "running", "completed", "failed", "cancelled"],
      job_wait_reason: ["campaign_budget", "campaign_paused", "monthly_limit"],
      resource_type: ["openai_api", "web_search", "file_search", "image_generation", "embedding", "ad_spend"],
      search_kind: ["thought", "memory", "persona", "task", "story", "content"],
      thought_relationship_kind: ["semantic", "explicit"],
      usage_kind: ["input", "cached_input", "output", "reasoning", "image", "search", "embedding"],
    },
  },
} as const;
